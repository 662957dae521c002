"""What a Dask cluster adds to an executor's promises: workers and schedulers that get lost."""

import json

import pytest
from conftest import wait_until, worker_of
from dask_cluster import Cluster
from small_runs import SMALL, ended

from vae import Params, load, settings
from vae.runs import dispatcher, store

SHORT = Params(**SMALL, z_dim=1, batch_size=1000, epochs=4)
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
    run = store.start(SHORT, "undisturbed")
    wait_until(trouble)
    assert trouble() == f"The scheduler {dask.address} cannot be reached. The run waits."
    assert run.status().state == "queued"
    dask.up(2)
    ended(run)
    return run


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
    logged = [json.loads(line) for line in log(run).split("\n")[:-1]]
    return [event for event in logged if event["event"] == kind]


def trouble():
    file = settings.RUNS / "workers-trouble.txt"
    return file.read_text() if file.exists() else ""


def test_a_run_from_start_to_end(undisturbed):
    status = undisturbed.status()
    assert status.message == f"Finished; the model of epoch {SHORT.epochs} is saved."
    assert load("undisturbed").history == status.history.epochs[1:]
    assert len(events(undisturbed, "worker_started")) == 1
    assert trouble() == ""
    assert (settings.RUNS / "workers.log").read_text().count("cannot be reached") == 1


def test_what_is_lost_goes_on(dask, undisturbed):
    one, run = store.start(LONG, "one"), store.start(SHORT, "run")
    first, second = started(one), started(run)
    assert first != second
    third = store.start(LONG, "third")
    dask.lose(saved(run))
    assert third.status().queue_position == 1
    wait_until(lambda: run.status().state == "queued")
    one.stop()
    assert ended(one).state == "stopped"
    assert started(run, times=2) == first
    saved(run, times=2)

    dask.down()
    wait_until(lambda: run.status().state == "queued" and trouble())
    dask.up(1)
    assert ended(run).state == "finished"
    starts = [event["epoch"] for event in events(run, "training_started")]
    assert 1 == starts[0] < starts[1] < starts[2]
    history, expected = run.status().history.epochs, undisturbed.status().history.epochs
    assert len(history) == len(expected) == SHORT.epochs + 1
    assert history[-1] == pytest.approx(expected[-1], rel=1e-6)

    # A run outlives the process that handed it out, and the next one knows that it trains.
    worker = started(third)
    dispatcher._processes[settings.RUNS].kill()
    dispatcher._processes.pop(settings.RUNS).communicate()
    dispatcher.ensure_dispatcher()
    fourth = store.start(LONG, "fourth")
    saved(third)
    assert fourth.status().message == "Next in the queue."
    third.stop()
    assert started(fourth) == worker
    assert ended(third).state == "stopped"

    # A run that is stopped while there are no workers has stopped once there is one again.
    dask.lose(worker)
    wait_until(lambda: trouble() == f"The scheduler {dask.address} has no workers.")
    fourth.stop()
    dask.up(1)
    wait_until(lambda: fourth.status().state == "stopped")
