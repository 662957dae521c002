"""What an executor promises: here of the processes of this machine, in test_dask of a cluster."""

import os
import signal

import pytest
from conftest import move_to, wait_until
from small_runs import QUICK

from vae.runs import queue, store
from vae.runs.dispatcher import Dispatcher
from vae.runs.executors import LocalExecutor
from vae.runs.rows import row_of


@pytest.fixture(scope="module")
def executor(tmp_path_factory):
    """Its workers all have the same home."""
    with pytest.MonkeyPatch.context() as patch:
        move_to(tmp_path_factory.mktemp("home"), patch)
        patch.setenv("VAE_WORKERS", "2")
        yield LocalExecutor()


@pytest.fixture(autouse=True)
def no_runs():
    yield
    for run_id in store.list_ids():
        store.delete(run_id)


ONCE = QUICK.model_copy(update={"epochs": 1})


def result(job):
    wait_until(job.done)
    return job.exception()


def test_a_run_is_trained_once_even_if_it_is_handed_out_twice(executor):
    assert executor.available()
    assert executor.slots() == 2
    run = store.start(ONCE, "twice")
    jobs = [executor.submit(run.id) for _ in range(2)]
    assert [result(job) for job in jobs] == [None, None]
    assert row_of(run.id).workers == 1
    assert run.status().state == "finished"
    assert queue.ids() == []


def test_a_run_that_cannot_be_started_has_an_exception(executor):
    assert "There is no run" in str(result(executor.submit("missing-20260101-000000")))
    assert store.list_ids() == [], "nothing is left in its place"


def test_a_run_that_fails_has_an_exception_and_says_why(executor):
    run = store.start(QUICK, "fails")
    (run.folder / "checkpoint.safetensors").write_bytes(b"rubbish")
    assert "checkpoint.safetensors is damaged" in str(result(executor.submit(run.id)))
    assert run.status().message == "The training failed: checkpoint.safetensors is damaged."


def test_the_dispatcher_gives_the_reason_of_a_failed_start(executor):
    run = store.start(QUICK, "unlucky")
    in_the_way = run.folder / "lock"
    in_the_way.mkdir()
    works = Dispatcher(executor)
    works.hand_out(works.waiting())
    assert works.waiting() == []
    wait_until(lambda: works.jobs[run.id].done())
    in_the_way.rmdir()
    works.collect()
    status = run.status()
    assert (status.state, queue.ids(), works.jobs) == ("failed", [], {})
    assert status.message == "No worker could start it: Is a directory."


def _killed(run_id):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_killed_before_it_starts_a_run_is_a_failed_start(home):
    run = store.start(QUICK, "killed")
    works = Dispatcher(LocalExecutor(_killed))
    works.hand_out(works.waiting())
    wait_until(lambda: works.collect() or not works.jobs)
    assert run.status().state == "failed"
    assert run.status().message == (
        "No worker could start it: The worker's process ended before it had started the run."
    )


class UnsendableError(Exception):
    def __init__(self):
        super().__init__("It refers to what no other process can have.")
        self.reason = lambda: None


def _fails(run_id):
    raise UnsendableError


def test_an_exception_that_cannot_be_sent_gives_its_words():
    error = result(LocalExecutor(_fails).submit("any"))
    assert str(error) == "It refers to what no other process can have."


class Broken(LocalExecutor):
    def submit(self, run_id):
        raise OSError(11, "Resource temporarily unavailable")


def test_a_process_that_cannot_be_made_is_a_failed_start(home):
    run = store.start(QUICK, "unlucky")
    works = Dispatcher(Broken())
    works.hand_out(works.waiting())
    works.collect()
    assert run.status().message == "No worker could start it: Resource temporarily unavailable."
