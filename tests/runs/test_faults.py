"""What may happen to a run's folder: power cuts, full disks, strange files, a clock set back."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest
from conftest import TIMEOUT, kill_worker, wait_until
from small_runs import QUICK, end_soon, ended, same_end, start_endless

from vae import settings
from vae.runs import store
from vae.runs.history import EventReader
from vae.training.checkpoint import Checkpoint

QUICK_OPTIONS = (
    "--encoder-layers 16 --decoder-layers 16 --digit-classification-layers 16 "
    "--batch-size 1000 --epochs 2"
)


SNAPSHOTS_OF_THE_FOLDER = """
    import shutil, sys
    from pathlib import Path
    from collections import deque
    from vae.runs import store
    from vae.runs.worker import run_training

    run, copies = store.get(sys.argv[1]), Path(sys.argv[2])
    count, busy = 0, False

    def copy_folder(event, details):
        global count, busy
        if busy or event not in ("open", "os.rename", "os.remove", "os.mkdir"):
            return
        if str(run.folder) in str(details[0]):
            busy = True
            shutil.copytree(run.folder, copies / f"{run.name}-20200101-{count:06d}")
            count, busy = count + 1, False

    sys.addaudithook(copy_folder)
    deque(run_training(run), maxlen=0)
"""


def test_the_power_may_go_between_any_two_writes(shared_home, tmp_path):
    reference = store.create(QUICK, "copied")
    arguments = [
        sys.executable,
        "-c",
        textwrap.dedent(SNAPSHOTS_OF_THE_FOLDER),
        reference.id,
        str(tmp_path),
    ]
    subprocess.run(arguments, cwd=settings.ROOT, check=True, capture_output=True)
    assert reference.status().state == "finished"
    copies = sorted(tmp_path.iterdir())
    assert len(copies) > 40
    kept = []
    for folder in copies:
        home = settings.RUNS / folder.name
        shutil.move(folder, home)
        run = store.get(home.name)
        status = run.status()
        assert status.state in ("stopped", "killed", "finished")
        assert status.message
        checkpoint = Checkpoint.load(home / "checkpoint.safetensors")
        kept.append(len(checkpoint.position.history) if checkpoint else 0)
        if checkpoint:  # The log never ends before the checkpoint.
            logged = [entry["epoch"] for entry in status.history.epochs]
            assert logged[-1] >= len(checkpoint.position.history)
    assert kept == sorted(kept) and set(kept) == {0, 1, 2}

    rng = np.random.default_rng()
    run = store.get(rng.choice(copies).name)
    run.resume()
    assert ended(run).state == "finished"
    same_end(run, reference)


def finished_run():
    """One that is there already, or is trained."""
    finished = (run for run in map(store.get, store.list_ids()) if run.status().state == "finished")
    run = next(finished, None) or store.start(QUICK, "whole")
    ended(run)
    return run


def test_a_log_that_breaks_off_anywhere_is_read(shared_home, tmp_path):
    run = finished_run()
    whole, path = (run.folder / "events.jsonl").read_bytes(), tmp_path / "events.jsonl"
    reader, points = EventReader(path), 0
    for end in range(0, len(whole), 3):
        path.write_bytes(whole[:end])
        history = EventReader(path).read()
        assert history == reader.read()
        assert not history.problems, "a line that is being written is no problem"
        assert len(history.points) >= points
        points = len(history.points)
    damaged = b'{"event": "point", "at": 1}\nnonsense\n[]\n{"at": 3}\n\xff\n\n' + whole
    path.write_bytes(damaged + b'{"event": "sang", "at": 5}\n{"version": 3, "event": "paused"}\n')
    history, expected = EventReader(path).read(), EventReader(run.folder / "events.jsonl").read()
    numbers = [int(re.search(r"Line (\d+) of the event log", p)[1]) for p in history.problems]
    last = damaged.count(b"\n")
    assert numbers == [1, 2, 3, 4, 5, last + 1, last + 2]
    assert "the event is unknown" in history.problems[5]
    assert "of a newer version" in history.problems[6]
    assert replace(history, problems=[]) == expected


def test_a_half_line_does_not_spoil_the_next(shared_home):
    run = start_endless("half")
    wait_until(lambda: run.status().history.points)
    assert kill_worker(run)
    with (run.folder / "events.jsonl").open("a") as events:
        events.write('{"event": "epoch", "at": 17')
    end_soon(run)
    run.resume()
    assert ended(run).state == "finished"
    (problem,) = run.status().problems
    assert "perhaps cut short by a crash" in problem
    epochs = [entry["epoch"] for entry in run.status().history.epochs]
    assert epochs == list(range(len(epochs)))


def test_a_damaged_checkpoint_is_said(shared_home):
    run = store.create(QUICK, "damaged")
    (run.folder / "checkpoint.safetensors").write_bytes(b"rubbish")
    run.resume()
    status = ended(run)
    assert status.state == "failed"
    assert status.message == "The training failed: checkpoint.safetensors is damaged."


NARROW = """
    set -eu
    mount -t tmpfs -o size={size}k tmpfs "$VAE_HOME"
    mkdir "$VAE_HOME/runs"
    {script}
"""


def in_a_small_home(tmp_path, script, size=4000, **variables):
    """Run a shell script in which VAE_HOME is a disk of its own of that many KB."""
    if subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode:
        pytest.skip("a disk of its own needs user namespaces")
    script = textwrap.dedent(NARROW).format(size=size, script=textwrap.dedent(script))
    done = subprocess.run(
        ["unshare", "-Urm", "bash", "-c", script],
        cwd=settings.ROOT,
        env=os.environ | {"VAE_HOME": str(tmp_path), "PY": sys.executable} | variables,
        capture_output=True,
        text=True,
        timeout=3 * TIMEOUT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout


def test_a_full_disk_is_said_and_the_run_goes_on_once_there_is_room(tmp_path):
    said = in_a_small_home(
        tmp_path,
        """
        $PY -m vae train $OPT --name full > /dev/null 2>&1 & trainer=$!
        begun() { grep -q '"epoch":0' "$VAE_HOME"/runs/full-*/events.jsonl 2>/dev/null; }
        until begun; do sleep 0.05; done
        dd if=/dev/zero of="$VAE_HOME/ballast" bs=1k status=none || true
        wait $trainer && exit 7
        run=$(basename "$VAE_HOME"/runs/full-*)
        $PY -c "import sys; from vae.runs import store; print(store.get(sys.argv[1]).status())" $run
        rm "$VAE_HOME/ballast"
        $PY -m vae train --resume $run
        $PY -m vae runs
        """,
        OPT=QUICK_OPTIONS,
    )
    assert "state='failed'" in said
    assert "The training failed: No space left on device" in said
    assert "Finished; the model of epoch 2 is saved." in said
    assert said.rstrip().splitlines()[-1].split()[1] == "finished"


def test_a_folder_that_became_read_only_is_said(shared_home, tmp_path):
    finished = finished_run()
    said = in_a_small_home(
        tmp_path,
        """
        cp -r $FINISHED "$VAE_HOME/runs/"
        run=$(basename $FINISHED)
        mount -o remount,ro "$VAE_HOME"
        $PY -m vae runs
        $PY -m vae train --resume $run 2>&1 && exit 7
        $PY -c "
        import sys
        from vae import VAELabError
        from vae.runs import store
        run = store.get(sys.argv[1])
        for act in (run.resume, run.stop, run.single_step, run.delete,
                    lambda: run.describe('a', 'b'), lambda: store.start(run.params, 'new')):
            try:
                act()
            except VAELabError as error:
                print('SAID', error)
        " $run
        """,
        size=20_000,
        FINISHED=str(finished.folder),
    )
    assert " finished " in said
    assert said.count("Read-only file system") == 7
    assert said.count("SAID") == 6


def test_a_clock_that_is_set_back_puts_nothing_out_of_order(home):
    folder = settings.RUNS / "future-20990101-000000"
    folder.mkdir(parents=True)
    (folder / "params.json").write_text(QUICK.to_json())
    events = [
        {"event": "worker_started", "at": 4e9, "pid": 1, "host": "x"},
        {"event": "training_started", "at": 4e9, "epoch": 1, "step": 0, "steps": 60},
    ]
    point = {"event": "point", "epoch": 1, "steps": 60, "loss": 1.0, "recon": 1.0, "kl": 1.0}
    point |= {"cls": 1.0, "examples_per_second": 60_000.0}
    events += [point | {"at": 4e9 - 1000 * i, "step": 10 * i} for i in range(1, 4)]
    (folder / "events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in events))
    assert store.get(folder.name).status().seconds_left == pytest.approx(1.5)
    run = store.create(QUICK, "now")
    assert store.list_ids() == [run.id, folder.name]
    assert store.create(QUICK, "then").id != run.id


def test_a_thousand_old_runs_are_listed(home):
    began = {"event": "worker_started", "at": 1, "pid": 1, "host": "x"}
    training = {"event": "training_started", "at": 1, "epoch": 1, "step": 0, "steps": 60}
    end = {"event": "finished", "at": 1, "message": "Finished; it is."}
    whole = "".join(json.dumps(event) + "\n" for event in (began, training, end))
    for i in range(1000):
        folder = settings.RUNS / f"old-20200101-{i:06d}"
        folder.mkdir(parents=True)
        (folder / "params.json").write_text(QUICK.to_json())
        (folder / "events.jsonl").write_text(whole)
    listed = store.summaries()
    assert len(listed) == 1000
    assert {summary.state for summary in listed} == {"finished"}
    assert store.free_name("old") == "old-1"
