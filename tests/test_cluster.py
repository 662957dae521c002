"""The workers of a real Dask scheduler: two processes on this machine."""

import json
import os
import socket
import subprocess
import sys

import pytest
from conftest import ROOT, trainer_of, wait_until

from vae import Params, load, paths, runs, workers

LAYERS = {"encoder_layers": (16,), "decoder_layers": (16,), "digit_classification_layers": (16,)}
SHORT = Params(**LAYERS, z_dim=1, batch_size=1000, epochs=6)
LONG = Params(**LAYERS, z_dim=1, batch_size=1000, epochs=100)


class Dask:
    """A scheduler and its workers, without nannies that would start them anew."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.scheduler, self.workers = None, []

    def up(self, workers):
        """Have the scheduler there and so many workers."""
        if not self.scheduler:
            self.scheduler = self._start("scheduler", "--port", self.address.split(":")[-1])
        while len(self.workers) < workers:
            self.workers.append(
                self._start(
                    *("worker", self.address, "--nthreads=1", "--no-nanny", "--preload=vae.warm"),
                    f"--local-directory={self.folder}",
                )
            )

    def down(self):
        while self.workers:
            self.lose(self.workers[0].pid)
        if self.scheduler:
            self.scheduler.kill()
            self.scheduler.wait()
            self.scheduler = None

    def lose(self, pid):
        """Kill the worker that is that process."""
        (process,) = (process for process in self.workers if process.pid == pid)
        process.kill()
        process.wait()
        self.workers.remove(process)

    def _start(self, *arguments):
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "dask", *arguments, "--host=127.0.0.1"),
                    "--dashboard-address=127.0.0.1:0",
                ],
                cwd=ROOT,
                env=os.environ
                | {
                    "TF_CPP_MIN_LOG_LEVEL": "3",
                    "XLA_FLAGS": "--xla_backend_optimization_level=0",  # Compiles in half the time.
                },
                stdout=log,
                stderr=log,
            )


@pytest.fixture(scope="module")
def dask(tmp_path_factory, request):
    """Nothing but an address yet, which the process that hands out the runs knows."""
    with pytest.MonkeyPatch.context() as patch:
        dask = Dask(tmp_path_factory.mktemp("dask"))
        patch.setenv("VAE_SCHEDULER", dask.address)
        request.getfixturevalue("shared_home")
        yield dask
        dask.down()


@pytest.fixture(scope="module")
def undisturbed(dask):
    """A run from its start, when there is no scheduler yet, to its end."""
    dask.down()
    run = runs.start(SHORT, "undisturbed")
    wait_until(trouble)
    assert run.status().state == "queued"
    assert trouble() == f"The scheduler {dask.address} cannot be reached. The run waits for it."
    dask.up(2)
    ended(run)
    return run


@pytest.fixture
def start(dask):
    """Start runs that are stopped at the end."""
    started = []

    def start(params, name):
        started.append(runs.start(params, name))
        return started[-1]

    yield start
    for run in started:
        if run.status().live:
            run.stop()
    for run in started:
        ended(run)


def ended(run):
    wait_until(lambda: not run.status().live)
    return run.status()


def begun(run):
    """The process that trains it, when it is about to take its first step."""
    wait_until(lambda: events(run, "started"))
    return trainer_of(run)


def kept(run):
    """The process that trains it, when an epoch is done and kept."""
    wait_until(lambda: run.status().story.kept)
    return trainer_of(run)


def events(run, kind):
    file = run.folder / "events.jsonl"
    told = map(json.loads, file.read_text().splitlines() if file.exists() else ())
    return [event for event in told if event["event"] == kind]


def trouble():
    file = paths.RUNS / "workers-trouble.txt"
    return file.read_text() if file.exists() else ""


def goes_on_as_if_nothing_had_been(run, undisturbed):
    status = ended(run)
    assert status.state == "finished", status.message
    assert events(run, "started")[-1]["epoch"] > 1
    expected = undisturbed.status().story.epochs
    assert len(status.story.epochs) == len(expected) == SHORT.epochs + 1
    assert status.story.epochs[-1] == pytest.approx(expected[-1], rel=1e-6)


def test_a_run_from_start_to_end(undisturbed):
    status = undisturbed.status()
    assert (status.state, status.message) == (
        "finished",
        f"Finished; the model of epoch {SHORT.epochs} is saved.",
    )
    assert status.epochs_done == SHORT.epochs
    assert load("undisturbed").history == status.story.epochs[1:]
    assert len(events(undisturbed, "began")) == 1
    assert trouble() == ""
    assert (paths.RUNS / "workers.log").read_text().count("cannot be reached") == 1


def test_two_at_once_and_the_third_waits(dask, start):
    dask.up(2)
    one, two = start(LONG, "one"), start(LONG, "two")
    first, second = begun(one), kept(two)
    assert first != second

    # Who handed them out goes; the next one knows which workers are taken.
    server = workers._started.pop()
    server.kill()
    server.wait()
    server.stdin.close()
    workers.ensure()
    three = start(LONG, "three")
    kept(one)
    assert three.status().message == "It is the next to be trained."

    two.stop()
    assert begun(three) == second
    status = two.status()
    epochs = len(status.story.epochs) - 1
    assert (status.state, status.message) == (
        "stopped",
        f"Stopped; the model of epoch {epochs} is saved.",
    )
    assert len(load("two").history) == epochs
    assert runs.alive(one.id)


def test_a_lost_worker(dask, start, undisturbed):
    dask.up(2)
    other = start(LONG, "other")
    left = begun(other)
    run = start(SHORT, "lost")
    dask.lose(kept(run))
    wait_until(lambda: run.status().state == "queued")
    assert run.status().message == "It is the next to be trained."
    other.stop()
    goes_on_as_if_nothing_had_been(run, undisturbed)
    assert trainer_of(run) == left


def test_a_lost_scheduler(dask, start, undisturbed):
    dask.up(1)
    run = start(SHORT, "goes-on")
    kept(run)
    dask.down()
    wait_until(lambda: run.status().state == "queued")
    wait_until(trouble)
    dask.up(1)
    goes_on_as_if_nothing_had_been(run, undisturbed)


def test_a_run_that_is_stopped_while_there_are_no_workers(dask, start):
    dask.up(1)
    run = start(LONG, "stopped")
    dask.lose(begun(run))
    wait_until(lambda: run.status().state == "queued")
    second = start(LONG, "second")
    wait_until(lambda: trouble() == f"The scheduler {dask.address} has no workers yet.")
    run.stop()
    second.stop()
    dask.up(1)
    wait_until(lambda: run.status().state == "stopped")
    assert run.status().message == "Stopped; no epoch was finished."
    assert second.status().message == "Cancelled before it began."
    assert not events(run, "point") and not events(second, "began")


def test_a_run_that_fails_is_not_tried_again(dask):
    dask.up(1)
    run = runs.create(SHORT, "damaged")
    (run.folder / "checkpoint.safetensors").write_text("damaged")
    run.resume()
    assert ended(run).message == "The training failed: checkpoint.safetensors is damaged."
    wait_until(lambda: not runs.alive(run.id))
    assert len(events(run, "began")) == 1
