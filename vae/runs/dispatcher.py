"""The dispatcher hands runs from the queue to workers: python -m vae.runs.dispatcher.

There is one for each home folder, whichever server started it, in a process of its own: the main
module of a server is the app, which every worker would load. It lives as long as the server that
started it, or as there is work.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import select

from vae import settings
from vae.database import reading, runs, writing
from vae.errors import RunError
from vae.runs import queue
from vae.runs.executors import Executor, Job, LocalExecutor
from vae.runs.rows import present_state, row_of
from vae.runs.states import WORKING
from vae.storage import delete_temporary_files, is_locked

_POLL_INTERVAL = 0.05
_RETRY_SECONDS = 5
"""After a run could neither be started nor be marked as failed, as on a full disk."""

_RESTART_SECONDS = 10
"""After the start of a dispatcher that ended with an error, until the next is started."""

_processes: "dict[Path, subprocess.Popen[bytes]]" = {}
_started_at: dict[Path, float] = {}
_starting = threading.Lock()


def ensure_dispatcher() -> None:
    """Start the dispatcher, if none is running.

    Raises:
        OSError: if it cannot be started.
        RunError: if it has just ended with an error.
    """
    if not settings.can_train():
        return
    with _starting:
        if is_locked(settings.RUNS / "workers.lock"):
            return
        if previous := _processes.get(settings.RUNS):
            if (status := previous.poll()) is None:
                return  # It is about to take the lock.
            if previous.stdin:
                previous.stdin.close()
            if status > 0 and time.monotonic() < _started_at[settings.RUNS] + _RESTART_SECONDS:
                raise RunError("Runs cannot be trained now; runs/workers.log has the reason.")
        settings.RUNS.mkdir(parents=True, exist_ok=True)
        _started_at[settings.RUNS] = time.monotonic()
        with (settings.RUNS / "workers.log").open("ab") as log:
            _processes[settings.RUNS] = subprocess.Popen(
                [sys.executable, "-m", "vae.runs.dispatcher"],
                cwd=settings.ROOT,
                env=os.environ | {"VAE_HOME": str(settings.HOME), "TF_CPP_MIN_LOG_LEVEL": "3"},
                stdin=subprocess.PIPE,  # Its end of file says that this process is gone.
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def is_needed() -> bool:
    """Whether runs wait, or have lost their workers and nobody has stopped them."""
    return bool(queue.ids() or _lost())


def _lost() -> list[str]:
    """The runs whose workers were killed, and which nobody has asked to pause or stop."""
    query = select(runs).where(runs.c.state.in_(WORKING), runs.c.desired_state == "run")
    with reading() as connection:
        rows = [*connection.execute(query)]
    return [row.id for row in rows if present_state(row) == "killed"]


def dispatch_loop(executor: Executor, server_gone: threading.Event) -> None:
    """Hand out runs until the server is gone and there is nothing left to do."""
    dispatcher = Dispatcher(executor)
    while True:
        dispatcher.collect()
        # This may take seconds, in which another server may submit a run: so the queue comes after.
        useful = not server_gone.is_set() or executor.available()
        waiting = dispatcher.waiting()
        if server_gone.is_set() and not (useful and (waiting or dispatcher.jobs)):
            return
        dispatcher.hand_out(waiting)
        time.sleep(_POLL_INTERVAL)


class Dispatcher:
    """The runs that were handed out.

    Attributes:
        jobs: by the run's id.
    """

    def __init__(self, executor: Executor) -> None:
        self.jobs: dict[str, Job] = {}
        self._executor = executor
        self._workers: dict[str, int] = {}
        self._retry_at: dict[str, float] = {}

    def waiting(self) -> list[str]:
        """The runs in the queue that were not handed out yet."""
        now = time.monotonic()
        return [
            run_id
            for run_id in queue.ids()
            if run_id not in self.jobs and self._retry_at.get(run_id, 0) <= now
        ]

    def hand_out(self, waiting: list[str]) -> None:
        """Submit as many runs as there are free slots."""
        if not waiting:
            return
        for run_id in waiting[: max(0, self._executor.slots() - len(self.jobs))]:
            self._workers[run_id] = _workers_of(run_id)
            try:
                self.jobs[run_id] = self._executor.submit(run_id)
            except Exception as error:  # Processes and networks fail in many ways.
                self.jobs[run_id] = FailedStart(error)

    def collect(self) -> None:
        """Forget the jobs that are done; a run that could not be started has failed."""
        from vae.runs.worker import record_failure

        for run_id in [run_id for run_id, job in self.jobs.items() if job.done()]:
            error = self.jobs.pop(run_id).exception()
            started = _workers_of(run_id) != self._workers.pop(run_id)
            if not error or started:
                continue  # What happens to a run that was started, its worker writes down.
            try:
                record_failure(run_id, error)
            except OSError as problem:
                print(f"{run_id}: {error}; {problem}", file=sys.stderr, flush=True)
                self._retry_at[run_id] = time.monotonic() + _RETRY_SECONDS


class FailedStart:
    """A job that could not even be handed out."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def done(self) -> bool:
        """As in `Job`."""
        return True

    def exception(self) -> Exception:
        """As in `Job`."""
        return self._error


def _workers_of(run_id: str) -> int:
    """How many workers have ever started the run."""
    try:
        workers: int = row_of(run_id).workers
    except RunError:
        return 0
    return workers


def _await_end_of_input(ended: threading.Event) -> None:
    sys.stdin.buffer.read()
    ended.set()


def main() -> None:
    """Dispatch, unless another process does."""
    if hasattr(os, "nice"):
        os.nice(10)  # The pages come first; all workers inherit it.
    settings.RUNS.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.RUNS / "workers.lock")
    try:
        lock.acquire(timeout=1)  # A page that looks whether it is held holds it for a moment.
    except Timeout:
        return
    with lock:
        _delete_leftovers()
        for run_id in _lost():  # As after a restart of the machine.
            queue.submit(run_id)
        server_gone = threading.Event()
        threading.Thread(target=_await_end_of_input, args=(server_gone,), daemon=True).start()
        dispatch_loop(_executor(), server_gone)


def _executor() -> Executor:
    if address := settings.scheduler_address():
        from vae.runs.dask_executor import DaskExecutor

        return DaskExecutor(address)
    return LocalExecutor()


def _delete_leftovers() -> None:
    """Delete what processes that were killed left half deleted or half written."""
    (settings.RUNS / "workers-trouble.txt").unlink(missing_ok=True)
    with writing():  # Nobody is deleting or saving anything.
        for path in settings.RUNS.glob(".deleted-*"):
            shutil.rmtree(path, ignore_errors=True)
        delete_temporary_files(settings.MODELS)
    delete_temporary_files(settings.RUNS)


if __name__ == "__main__":
    main()
