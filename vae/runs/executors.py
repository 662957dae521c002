"""Where runs are trained: the protocol, and the processes of this machine."""

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Protocol, cast

from vae import settings
from vae.errors import RunError


class Job(Protocol):
    """A run that was handed to an executor."""

    def done(self) -> bool:
        """Whether its worker has ended."""

    def exception(self) -> BaseException | None:
        """Why its worker ended without having trained it; None if it did. Only once it is done."""


class Executor(Protocol):
    """Trains runs somewhere."""

    def available(self) -> bool:
        """Whether it can be reached now."""

    def slots(self) -> int:
        """How many of our runs it can train at a time."""

    def submit(self, run_id: str) -> Job:
        """Train a run there."""


class LocalJob:
    """A run that a process of this machine trains.

    Args:
        process: the process.
        errors: the end of a pipe to which the process sends its exception.
    """

    def __init__(self, process: BaseProcess, errors: Connection) -> None:
        self._process, self._errors = process, errors

    def done(self) -> bool:
        """As in `Job`."""
        return not self._process.is_alive()

    def exception(self) -> BaseException | None:
        """As in `Job`."""
        if self._process.exitcode == 0:
            return None
        try:
            return cast(BaseException, self._errors.recv())
        except (EOFError, OSError):
            return RunError("The worker's process ended before it had started the run.")


class LocalExecutor:
    """Processes of this machine, each forked for one run from one that has TensorFlow loaded.

    Args:
        work: what a process does with a run's id; by default it trains the run.
    """

    def __init__(self, work: Callable[[str], None] | None = None) -> None:
        can_fork = "forkserver" in multiprocessing.get_all_start_methods()  # Not on Windows.
        method = "forkserver" if can_fork else "spawn"
        self._context = cast(Any, multiprocessing.get_context(method))
        if can_fork:
            from multiprocessing.forkserver import ensure_running

            self._context.set_forkserver_preload(["vae.runs.preload"])
            ensure_running()  # It loads now, not at the first run.
        # After that, so that this process and that one import at the same time.
        from vae.runs.worker import work_in_process

        self._work = work or work_in_process

    def available(self) -> bool:
        """Always."""
        return True

    def slots(self) -> int:
        """How many runs this machine trains at a time: see `settings.worker_slots`."""
        return settings.worker_slots()

    def submit(self, run_id: str) -> LocalJob:
        """Train a run in a process of its own."""
        errors, sender = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_work_and_report, args=(self._work, run_id, sender))
        process.start()
        sender.close()  # Only the process has it now, so that its end is seen here.
        return LocalJob(process, errors)


def _work_and_report(work: Callable[[str], None], run_id: str, errors: Connection) -> None:
    try:
        work(run_id)
    except Exception as error:
        try:
            errors.send(error)
        except Exception:  # Not every exception can be sent.
            errors.send(RunError(str(error)))
        sys.exit(1)
