"""The workers of a real Dask scheduler: two processes on this machine."""

import json

import pytest
from conftest import wait_until, worker_of
from dask_cluster import Cluster
from small_runs import SMALL, ended

from vae import Params, load, settings
from vae.runs import dispatcher, store

SHORT = Params(**SMALL, z_dim=1, batch_size=1000, epochs=6)
LONG = Params(**SMALL, encoder_filters=(1,), z_dim=1, batch_size=1000, epochs=100)


@pytest.fixture(scope="module")
def dask(tmp_path_factory, request):
    """Nothing but an address yet, which the process that hands out the runs knows."""
    with pytest.MonkeyPatch.context() as patch:
        dask = Cluster(tmp_path_factory.mktemp("dask"))
        patch.setenv("VAE_SCHEDULER", dask.address)
        request.getfixturevalue("shared_home")
        yield dask
        dask.down()


@pytest.fixture(scope="module")
def undisturbed(dask):
    """A run from its start, when there is no scheduler yet, to its end."""
    dask.down()
    run = store.start(SHORT, "undisturbed")
    wait_until(trouble)
    assert run.status().state == "queued"
    assert trouble() == f"The scheduler {dask.address} cannot be reached. The run waits."
    dask.up(2)
    ended(run)
    return run


@pytest.fixture
def start(dask):
    """Start runs that are stopped at the end."""
    started = []

    def start(params, name):
        started.append(store.start(params, name))
        return started[-1]

    yield start
    for run in started:
        if run.status().is_active:
            run.stop()
    for run in started:
        ended(run)


def started(run, times=1):
    """The process that trains it, once its training has started `times` times."""
    wait_until(lambda: len(events(run, "training_started")) >= times)
    return worker_of(run)


def saved(run, times=1):
    """The process that trains it, once it has since saved a checkpoint."""
    started(run, times)
    wait_until(lambda: log(run).rfind('"checkpoint_saved"') > log(run).rfind('"training_started"'))
    return worker_of(run)


def log(run):
    file = run.folder / "events.jsonl"
    return file.read_text() if file.exists() else ""


def events(run, kind):
    return [
        event for line in log(run).split("\n")[:-1] if (event := json.loads(line))["event"] == kind
    ]


def trouble():
    file = settings.RUNS / "workers-trouble.txt"
    return file.read_text() if file.exists() else ""


def test_a_run_from_start_to_end(undisturbed):
    status = undisturbed.status()
    assert (status.state, status.message) == (
        "finished",
        f"Finished; the model of epoch {SHORT.epochs} is saved.",
    )
    assert status.epochs_done == SHORT.epochs
    assert load("undisturbed").history == status.history.epochs[1:]
    assert len(events(undisturbed, "worker_started")) == 1
    assert trouble() == ""
    assert (settings.RUNS / "workers.log").read_text().count("cannot be reached") == 1


def test_two_at_once_and_what_is_lost_goes_on(dask, start, undisturbed):
    dask.up(2)
    one, run = start(LONG, "one"), start(SHORT, "run")
    first, second = started(one), started(run)
    assert first != second
    third = start(LONG, "third")
    dask.lose(saved(run))
    assert third.status().queue_position == 1
    wait_until(lambda: run.status().state == "queued")
    one.stop()
    assert ended(one).state == "stopped"
    assert started(run, times=2) == first
    saved(run, times=2)

    dask.down()
    wait_until(lambda: run.status().state == "queued")
    wait_until(trouble)
    dask.up(1)
    assert ended(run).state == "finished"
    starts = [event["epoch"] for event in events(run, "training_started")]
    assert 1 == starts[0] < starts[1] < starts[2]
    history, expected = run.status().history.epochs, undisturbed.status().history.epochs
    assert len(history) == len(expected) == SHORT.epochs + 1
    assert history[-1] == pytest.approx(expected[-1], rel=1e-6)
    started(third)


def test_a_run_outlives_who_handed_it_out(dask, start):
    dask.up(1)
    one = start(LONG, "outliving")
    worker = started(one)
    server = dispatcher._processes.pop(settings.RUNS)
    server.kill()
    server.wait()
    server.stdin.close()
    dispatcher.ensure_dispatcher()
    two = start(LONG, "behind")
    saved(one)
    assert two.status().message == "Next in the queue."
    one.stop()
    assert started(two) == worker
    status = one.status()
    epochs = len(status.history.epochs) - 1
    assert (status.state, status.message) == (
        "stopped",
        f"Stopped; the model of epoch {epochs} is saved.",
    )
    assert len(load("outliving").history) == epochs


def test_a_run_that_is_stopped_while_there_are_no_workers(dask, start):
    dask.up(1)
    one = start(LONG, "begun")
    dask.lose(started(one))
    wait_until(lambda: one.status().state == "queued")
    wait_until(lambda: trouble() == f"The scheduler {dask.address} has no workers.")
    two = start(LONG, "not-begun")
    one.stop()
    two.stop()
    dask.up(1)
    wait_until(lambda: one.status().state == "stopped")
    assert one.status().message == "Stopped; no epoch was finished."
    assert not events(one, "point")
    assert not events(two, "worker_started")


def test_a_run_that_fails_is_not_tried_again(dask):
    dask.up(1)
    run = store.create(SHORT, "damaged")
    (run.folder / "checkpoint.safetensors").write_text("damaged")
    run.resume()
    assert ended(run).message == "The training failed: checkpoint.safetensors is damaged."
    wait_until(lambda: not store.has_worker(run.id))
    assert len(events(run, "worker_started")) == 1
