"""What can happen to a run: power cuts, stopped and starved workers, disks, damaged files."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
from collections import deque
from pathlib import Path

import numpy as np
import pytest
from conftest import TIMEOUT, wait_until, worker_of
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from small_runs import QUICK, ended, same_end, start_endless

from vae import VAELabError, settings
from vae.files import weights
from vae.runs import store
from vae.runs.worker import run_training
from vae.storage import is_locked
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


def test_a_run_goes_on_after_a_power_cut_between_any_two_writes(whole, tmp_path):
    run, copying = store.create(QUICK, "copied"), [False]

    def copy_folder(event, details):
        writes = event in ("open", "os.rename", "os.remove", "os.mkdir")
        if copying[0] and writes and str(run.folder) in str(details[0]):
            copying[0] = False
            number = len([*tmp_path.iterdir()])
            shutil.copytree(run.folder, tmp_path / f"{run.name}-20200101-{number:06d}")
            copying[0] = True

    sys.addaudithook(copy_folder)  # It cannot be removed.
    copying[0] = True
    assert train(run).state == "finished"
    copying[0] = False
    copies = sorted(tmp_path.iterdir())
    assert len(copies) > 40
    saved = []
    for folder in copies:
        shutil.move(folder, settings.RUNS / folder.name)
        status = store.get(folder.name).status()
        assert status.state in ("stopped", "killed", "finished")
        checkpoint = Checkpoint.load(settings.RUNS / folder.name / "checkpoint.safetensors")
        saved.append(len(checkpoint.position.history) if checkpoint else 0)
        if checkpoint:  # The log never ends before the checkpoint.
            assert status.history.epochs[-1]["epoch"] >= saved[-1]
    assert saved == sorted(saved) and set(saved) == {0, 1, 2}

    resumed = store.get(np.random.default_rng().choice(copies).name)
    assert train(resumed).state == "finished"
    same_end(resumed, run)


def test_half_a_line_at_the_end_of_the_log_does_not_spoil_the_next(workers):
    run = store.create(QUICK, "half")
    (run.folder / "events.jsonl").write_text('{"event": "epoch", "at": 17')
    status = train(run)
    (problem,) = status.problems
    assert "perhaps cut short by a crash" in problem
    assert [entry["epoch"] for entry in status.history.epochs] == [0, 1, 2]


def copy_of(run, name, link=shutil.copy2):
    """A run with the same files."""
    folder = settings.RUNS / f"{name}-20200101-000000"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(run.folder, folder, copy_function=link)
    return store.get(folder.name)


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
    wait_until(lambda: run.status().history.worker)
    worker = worker_of(run)
    data = re.search(r"VmData:\s+(\d+)", Path(f"/proc/{worker}/status").read_text())
    resource.prlimit(worker, resource.RLIMIT_DATA, (1024 * int(data[1]), -1))
    wait_until(lambda: not is_locked(run.folder / "lock"))
    status = run.status()
    assert status.state in ("killed", "failed") and status.message.endswith(".")
    run.resume()
    assert ended(run).state == "finished"


ON_A_SMALL_DISK = """
    import os
    from contextlib import suppress
    from pathlib import Path
    from small_runs import QUICK
    from vae import VAELabError
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
    assert os.system("mount -o remount,ro $VAE_HOME") == 0
    print([summary.state for summary in store.summaries()])
    for act in (
        run.resume, run.stop, run.single_step, run.delete,
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
    mount = 'mount -t tmpfs -o size=4m tmpfs "$VAE_HOME" && mkdir "$VAE_HOME/runs"'
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
    "not UTF-8": lambda content: content.replace(b"e", b"\xe9\xff"),
    "deep JSON": lambda content: b"[" * 100_000,
    "of another type": lambda content: re.sub(rb'(?<=":)[^,}]+', b'["x"]', content),
    "out of bounds": lambda content: re.sub(rb"(?<=:)[\d.]+", b"1e999", content),
}


def versions(files):
    """What changes of each file that is written or replaced."""
    found = {path: path.stat() for path in files if path.exists()}
    return {path: (of.st_ino, of.st_size, of.st_mtime_ns) for path, of in found.items()}


@given(st.data())
@hypothesis_settings(max_examples=60, deadline=None)
def test_a_run_with_any_damaged_files_is_listed_and_its_other_files_stay(whole, data):
    run = copy_of(whole, "specimen", link=os.link)
    files = sorted(path for path in run.folder.rglob("*") if path.is_file())
    chosen = data.draw(st.lists(st.sampled_from(files), min_size=1, max_size=8, unique=True))
    for path in chosen:
        content = DAMAGES[data.draw(st.sampled_from([*DAMAGES]))](path.read_bytes())
        path.unlink()  # It is a hard link.
        if content is not None:
            path.write_bytes(content)
    before = versions(files)

    (summary,) = [found for found in store.summaries() if found.run_id == run.id]
    try:
        damaged = store.get(run.id)
        status = damaged.status()
        json.dumps([status.message, *status.problems]).encode()
        for path in (damaged.last, damaged.best):
            weights.load(path)
        for snapshot in damaged.snapshots():
            snapshot.read()
    except VAELabError as error:
        assert str(error).isprintable()
    assert summary.state
    assert versions(files) == before
    store.delete(run.id)
    assert not run.folder.exists()


def test_a_clock_that_is_set_back_does_not_change_the_order_of_runs(home):
    run = store.create(QUICK, "future")
    run.folder.rename(settings.RUNS / "future-20990101-000000")
    now = store.create(QUICK, "now")
    assert store.list_ids() == [now.id, "future-20990101-000000"]
