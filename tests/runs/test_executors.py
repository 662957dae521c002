"""Both executors keep the same promises: the processes of this machine, and a Dask cluster."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import move_to, wait_until
from dask_cluster import Cluster
from small_runs import QUICK

from vae import settings
from vae.runs import dispatcher, queue, store
from vae.runs.dask_executor import DaskExecutor
from vae.runs.dispatcher import Dispatcher
from vae.runs.executors import LocalExecutor


@pytest.fixture(scope="module", params=["local", "dask"])
def kept_executor(request, tmp_path_factory):
    """An executor whose workers all have the same home."""
    with pytest.MonkeyPatch.context() as patch:
        move_to(tmp_path_factory.mktemp("home"), patch)
        patch.setenv("VAE_WORKERS", "2")
        if request.param == "local":
            yield LocalExecutor()
            return
        cluster = Cluster(tmp_path_factory.mktemp("dask"))
        cluster.up(2)
        executor = DaskExecutor(cluster.address)
        wait_until(lambda: executor.slots() == 2)
        yield executor
        cluster.down()


@pytest.fixture
def executor(kept_executor):
    """The executor, with no runs."""
    yield kept_executor
    for run_id in store.list_ids():
        store.delete(run_id)


def result(job):
    wait_until(job.done)
    return job.exception()


def test_a_run_is_trained_once_even_if_it_is_handed_out_twice(executor):
    assert executor.available()
    assert executor.slots() == 2
    run = store.start(QUICK, "twice")
    jobs = [executor.submit(run.id) for _ in range(2)]
    assert [result(job) for job in jobs] == [None, None]
    assert (run.folder / "events.jsonl").read_text().count("worker_started") == 1
    assert run.status().state == "finished"
    assert queue.ids() == []


def test_a_run_that_cannot_be_started_has_an_exception(executor):
    assert "cannot be read" in str(result(executor.submit("missing-20260101-000000")))
    assert store.list_ids() == [], "nothing is left in its place"


def test_a_run_that_fails_has_an_exception_and_says_why(executor):
    run = store.start(QUICK, "fails")
    (run.folder / "checkpoint.safetensors").write_bytes(b"rubbish")
    assert "checkpoint.safetensors is damaged" in str(result(executor.submit(run.id)))
    assert run.status().message == "The training failed: checkpoint.safetensors is damaged."


def test_the_dispatcher_gives_the_reason_of_a_failed_start(executor):
    run = store.start(QUICK, "unlucky")
    in_the_way = run.folder / "crash-record"
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


def test_a_run_deleted_while_it_is_handed_out_leaves_no_ghost(home, monkeypatch):
    """Deleted at many moments around its start, it is either trained or gone for good."""
    monkeypatch.setenv("VAE_WORKERS", "2")
    dispatcher.ensure_dispatcher()
    first = store.start(QUICK, "first", paused=True)
    wait_until(lambda: first.status().state == "paused")
    first.stop()

    def delete_soon(i):
        run = store.start(QUICK, f"doomed-{i}", paused=True)
        if i % 2:
            wait_until(lambda: run.status().has_worker or not run.folder.exists())
        while run.folder.exists():
            try:
                run.stop()
                run.delete()
            except Exception as error:
                assert "It is being trained" in str(error), error
        return run

    with ThreadPoolExecutor(4) as threads:
        deleted = list(threads.map(delete_soon, range(8)))
    wait_until(lambda: not queue.ids())
    first.delete()
    assert store.list_ids() == []
    assert not any(run.folder.exists() for run in deleted)
    # A further run still finds both workers free.
    after = [store.start(QUICK, f"after-{i}", paused=True) for i in range(2)]
    for run in after:
        wait_until(lambda run=run: run.status().state == "paused")
        run.stop()
    assert sorted(path.name for path in settings.RUNS.glob(".deleted*")) == []
