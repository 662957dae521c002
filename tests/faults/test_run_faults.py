"""What can happen to a run: power cuts, stopped and starved workers, disks, damaged files."""

import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections import deque
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy
from by_hand import alter
from conftest import TIMEOUT, move_to, wait_until, worker_of
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from small_runs import QUICK, ended, same_end, start_endless

from vae import WeightsError, database, load, settings
from vae.errors import DatabaseError, RunError
from vae.files import registry, weights
from vae.runs import store
from vae.runs.rows import has_worker
from vae.runs.worker import run_training
from vae.training.checkpoint import Checkpoint

pytestmark = pytest.mark.usefixtures("few_images")


def train(run):
    """Train a run in this process."""
    deque(run_training(run), maxlen=0)
    return run.status()


@pytest.fixture(scope="module")
def whole(few_images, workers):
    """A finished run."""
    run = store.create(QUICK, "whole")
    assert train(run).state == "finished"
    return run


@pytest.fixture(scope="module")
def impatient():
    """A worker is ended after 20 s without progress."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAE_WORKER_TIMEOUT", "20")
        yield


@pytest.fixture(scope="module")
def workers(impatient, shared_home):
    """A home with two workers."""


def test_a_run_goes_on_after_a_power_cut_between_any_two_writes(whole, tmp_path, monkeypatch):
    run, copying = store.create(QUICK, "copied"), [False]

    def copy_home(event="", details=("",)):
        writes = event in ("", "open", "os.rename", "os.remove", "os.mkdir")
        if copying[0] and writes and (not event or str(run.folder) in str(details[0])):
            copying[0] = False
            copy = tmp_path / f"{len([*tmp_path.iterdir()]):03d}"
            shutil.copytree(run.folder, copy / "runs" / run.id)
            for file in settings.HOME.glob(f"{database.FILE}*"):
                shutil.copy(file, copy)
            copying[0] = True

    sys.addaudithook(copy_home)  # It cannot be removed.
    sqlalchemy.event.listen(database.engine(), "commit", lambda _: copy_home())
    copying[0] = True
    assert train(run).state == "finished"
    copying[0] = False
    copies = sorted(tmp_path.iterdir())
    assert len(copies) > 60
    saved = []
    with monkeypatch.context() as patch:
        for home in copies:
            move_to(home, patch)
            status = store.get(run.id).status()
            assert status.state in ("stopped", "killed", "finished")
            checkpoint = Checkpoint.load(store.get(run.id).folder / "checkpoint.safetensors")
            saved.append(len(checkpoint.position.history) if checkpoint else 0)
            if checkpoint:  # The database knows at least what the checkpoint does.
                assert status.history.epochs[-1]["epoch"] >= saved[-1]
        assert saved == sorted(saved) and set(saved) == {0, 1, 2}
        move_to(np.random.default_rng().choice(copies), patch)
        resumed = store.get(run.id)
        assert train(resumed).state == "finished"
        status = resumed.status()
    database.close()
    same_end(run, whole)
    assert status.history.epochs == run.status().history.epochs


def test_a_stopped_worker_goes_on(workers):
    run = start_endless("stopped")
    wait_until(lambda: run.status().history.points)
    process = Path(f"/proc/{worker_of(run)}/stat")
    os.kill(worker_of(run), signal.SIGSTOP)
    wait_until(lambda: process.read_text().rpartition(")")[2].split()[0] == "T")
    assert run.status().state == "running"
    os.kill(worker_of(run), signal.SIGCONT)
    run.request(target_epochs=len(run.status().history.epochs) + 3)
    status = ended(run)
    epochs = [entry["epoch"] for entry in status.history.epochs]
    assert (status.state, epochs) == ("finished", list(range(len(epochs))))


def test_a_worker_without_memory_ends_with_a_sentence_and_its_run_can_be_resumed(workers):
    run = store.create(QUICK, "starved")
    run.submit()
    wait_until(lambda: worker_of(run))
    worker = worker_of(run)
    data = re.search(r"VmData:\s+(\d+)", Path(f"/proc/{worker}/status").read_text())
    resource.prlimit(worker, resource.RLIMIT_DATA, (1024 * int(data[1]), -1))
    wait_until(lambda: not has_worker(run.id))
    status = run.status()
    assert status.state in ("killed", "failed") and status.message.endswith(".")
    run.resume()
    assert ended(run).state == "finished"


ON_A_SMALL_DISK = """
    import os
    from contextlib import closing, suppress
    from pathlib import Path
    from small_runs import QUICK
    from vae import VAELabError, database
    from vae.runs import store
    from vae.runs.worker import run_training

    def train(run):
        with suppress(VAELabError, OSError):
            for progress in run_training(run):
                if progress.trained and not ballast.exists():
                    with suppress(OSError), ballast.open("wb", buffering=0) as file:
                        while True:
                            file.write(bytes(1024))
        print(run.status().state, run.status().message)

    ballast = Path(os.environ["VAE_HOME"], "ballast")
    run = store.create(QUICK, "full")
    train(run)
    ballast.write_bytes(b"")
    train(run)
    database.close()
    assert os.system("mount -o remount,ro $VAE_HOME") == 0
    print([summary.state for summary in store.summaries()])
    for act in (
        run.resume, run.stop, run.single_step, lambda: store.delete(run.id),
        lambda: run.describe("a", "b"), lambda: store.start(QUICK, "new"),
    ):
        try:
            act()
        except VAELabError as error:
            print("refused:", error)
"""


def test_a_full_and_a_read_only_disk_are_named_and_the_run_goes_on_once_there_is_room(tmp_path):
    if subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode:
        pytest.skip("a disk of its own needs user namespaces")
    mount = 'mount -t tmpfs -o size=12m tmpfs "$VAE_HOME" && mkdir "$VAE_HOME/runs"'
    python = f'exec {sys.executable} -c "$CODE"'
    variables = {
        "VAE_HOME": str(tmp_path),
        "CODE": textwrap.dedent(ON_A_SMALL_DISK),
        "PYTHONPATH": f"{settings.ROOT}:{settings.ROOT / 'tests'}",
    }
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", f"{mount} && {python}"],
        cwd=settings.ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    full, resumed, listed, *refused = done.stdout.splitlines()
    assert "failed The training failed: No space left on device" in full
    assert resumed == "finished Finished; the model of epoch 2 is saved."
    assert listed == "['finished']"
    assert len(refused) == 6 and all("Read-only file system" in line for line in refused)


DAMAGES = {
    "missing": lambda content: None,
    "empty": lambda content: b"",
    "cut off": lambda content: content[: len(content) // 2],
    "rubbish": lambda content: b"[" * 100_000,
}


@given(st.data())
@hypothesis_settings(max_examples=30, deadline=None)
def test_a_run_with_any_damaged_files_is_listed_and_can_be_deleted(whole, data):
    run = store.create(QUICK, registry.free_name("specimen"))
    shutil.copytree(whole.folder, run.folder, copy_function=os.link, dirs_exist_ok=True)
    files = sorted(run.folder.iterdir())
    for path in data.draw(st.lists(st.sampled_from(files), min_size=1, unique=True)):
        content = DAMAGES[data.draw(st.sampled_from([*DAMAGES]))](path.read_bytes())
        path.unlink()  # It is a hard link.
        if content is not None:
            path.write_bytes(content)
    assert run.id in [summary.run_id for summary in store.summaries()]
    assert run.status().state == "stopped"
    for path in (run.last, run.best):
        with suppress(WeightsError):
            weights.load(path)
    store.delete(run.id)
    assert not run.folder.exists()


def test_a_damaged_database_is_set_aside_and_the_models_still_open(home):
    registry.add(load("classic"), "mine")
    for number, damage in enumerate((b"nonsense" * 1000, None), 1):
        run = store.create(QUICK, f"run-{number}")
        database.close()
        file = home / database.FILE
        with file.open("r+b") as opened:
            opened.seek(0 if damage else 4096)
            opened.write(damage or os.urandom(file.stat().st_size - 4096))
        with pytest.raises(DatabaseError, match="was damaged and was set aside"):
            store.get(run.id)
        assert store.list_ids() == [] and "mine" in registry.available()
        database._set_aside()  # By a process that still has the damaged one open.
        assert len(database.set_aside()) == 1
        (home / database.set_aside()[0]).unlink()


def locked(home):
    """A connection that keeps others from writing."""
    other = sqlite3.connect(home / database.FILE, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_locked_database_is_waited_for(home):
    run = store.create(QUICK, "patient")
    with closing(locked(home)) as other:
        assert run.status().state == "stopped", "whoever reads does not wait"
        unlock = threading.Timer(1, other.rollback)
        unlock.start()
        run.describe("A title", "")
        unlock.join()
    assert store.get(run.id).title == "A title"


def test_a_database_that_stays_locked_is_a_sentence(home, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    run = store.create(QUICK, "impatient")
    with closing(locked(home)) as other:
        with pytest.raises(RunError, match="another process has used it for too long"):
            run.stop()
        other.rollback()
    run.stop()


def test_a_clock_that_is_set_back_does_not_change_the_order_of_runs(home):
    alter(store.create(QUICK, "future"), id="future-20990101-000000")
    now = store.create(QUICK, "now")
    assert store.list_ids() == [now.id, "future-20990101-000000"]
