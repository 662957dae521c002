"""A Dask cluster keeps an executor's promises, and goes on when it loses workers or itself."""

from contextlib import ExitStack

import postgres
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
from vae.runs.rows import row_of

SHORT = Params(**SMALL, z_dim=1, batch_size=1000, epochs=4)
LONG = Params(**SMALL, encoder_filters=(1,), z_dim=1, batch_size=1000, epochs=100)


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    """A scheduler with two workers."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        if postgres.installed():
            server = postgres.postgres(tmp_path_factory.mktemp("postgres"))
            patch.setenv("VAE_DATABASE", stack.enter_context(server))
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
    wait_until(lambda: row_of(run.id).cuts >= times)
    return worker_of(run)


def checkpoint(run):
    row = row_of(run.id)
    return row.checkpoint_epoch, row.checkpoint_step


def saved(run, times=1):
    """The process that trains it, once it has since saved a checkpoint."""
    started(run, times)
    before = checkpoint(run)
    wait_until(lambda: checkpoint(run) != before)
    return worker_of(run)


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
    assert row_of(run.id).cuts == 3
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
