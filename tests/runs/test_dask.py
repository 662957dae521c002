"""A Dask cluster keeps an executor's promises, and goes on when it loses workers or itself."""

import json

import pytest
from conftest import leave, move_to, wait_until, worker_of
from dask_cluster import Cluster
from small_runs import SMALL, ended
from test_executors import (  # noqa: F401
    no_runs,
    test_a_run_is_trained_once_even_if_it_is_handed_out_twice,
    test_a_run_that_cannot_be_started_has_an_exception,
    test_a_run_that_fails_has_an_exception_and_says_why,
    test_the_dispatcher_gives_the_reason_of_a_failed_start,
)

from vae import Params, settings
from vae.runs import dispatcher, store
from vae.runs.dask_executor import DaskExecutor

SHORT = Params(**SMALL, z_dim=1, batch_size=1000, epochs=4)
LONG = Params(**SMALL, encoder_filters=(1,), z_dim=1, batch_size=1000, epochs=100)


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    """A scheduler with two workers."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        move_to(home, patch)
        cluster = Cluster(tmp_path_factory.mktemp("dask"))
        patch.setenv("VAE_SCHEDULER", cluster.address)
        cluster.up(2)
        yield cluster
        cluster.down()
        leave(home)


@pytest.fixture
def executor(dask):
    executor = DaskExecutor(dask.address)
    wait_until(lambda: executor.slots() == 2)
    yield executor
    executor.close()


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


def test_what_is_lost_goes_on(dask):
    dispatcher.ensure_dispatcher()
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
    assert trouble() == f"The scheduler {dask.address} cannot be reached. The run waits."
    dask.up(1)
    assert ended(run).state == "finished"
    assert trouble() == ""
    assert (settings.RUNS / "workers.log").read_text().count("cannot be reached") == 1
    starts = [event["epoch"] for event in events(run, "training_started")]
    assert 1 == starts[0] < starts[1] < starts[2]
    assert len(run.status().history.epochs) == SHORT.epochs + 1

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
    ended(fourth)
