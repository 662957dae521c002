"""The worker of a run: trains it, writes down what happens, applies requests.

However it ends, be it by a crash, there is a checkpoint from which another worker goes on to the
same final model.
"""

import contextlib
import os
import time
from collections import deque
from collections.abc import Generator, Iterator

from vae import settings
from vae.database import writing
from vae.errors import RunBusyError
from vae.runs import queue, store, watchdog
from vae.runs.log import RunLog
from vae.runs.rows import change_state, row_of
from vae.runs.run import Run
from vae.runs.states import ENDINGS
from vae.runs.steered import SteeredTraining, reason
from vae.storage import file_lock
from vae.training import compile_cache
from vae.training.progress import Progress

_POLL_INTERVAL = 0.05


def work_in_process(run_id: str) -> None:
    """Train a run in this process, made for it: what it prints goes to `worker.log`.

    Raises:
        RunError: as `work`.
    """
    with (store.get(run_id).folder / "worker.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        watchdog.start(log, settings.worker_timeout())
        compile_cache.enable()
        work(run_id)


def work(run_id: str) -> None:
    """Train a run in this process, unless it has ended; wait for a worker that still has it.

    A cluster hands a run out again when it believes its worker to be lost. That worker may live
    on, and may have ended the run.

    Raises:
        RunError: if the run was deleted or cannot be read.
    """
    run = store.get(run_id)
    while True:
        while (status := run.status()).has_worker:
            watchdog.renew()
            time.sleep(_POLL_INTERVAL)
        if status.state in ENDINGS:
            return
        with contextlib.suppress(RunBusyError):  # Another worker was quicker.
            deque(run_training(run), maxlen=0)
            return


def run_training(run: Run, hold_slot: bool = False) -> Generator[Progress, None, None]:
    """Train a run in this process until it ends or is asked to stop; close it to stop.

    Args:
        run: the run.
        hold_slot: whether a paused run waits here. If not, it gives its slot to a run that
            waits in the queue; it can be submitted again.

    Raises:
        RunBusyError: if the run has a worker already.
        RunError: if it was deleted.
        VAELabError: if the training fails; the log has the reason, too.
    """
    with _run_lock(run):
        log = RunLog(run.id, run.folder)
        steered = SteeredTraining(run, log, hold_slot)
        try:
            log.worker_started()
            yield from steered.progress()
        except Exception as error:
            log.ended("failed", f"The training failed: {reason(error)}")
            raise
    with writing() as connection:
        if _has_unmet_request(run, steered):
            queue.submit(run.id)
        elif (row := row_of(run.id)).state == "paused" and row.desired_state == "stop":
            change_state(connection, run.id, "stop_requested")


def _has_unmet_request(run: Run, steered: SteeredTraining) -> bool:
    """Whether something was requested after the worker last read the requests."""
    status = run.status()
    requests = status.control
    match status.state:
        case "paused":
            single_step = requests.single_steps > steered.single_steps
            return requests.desired_state == "run" or (
                requests.desired_state == "pause" and single_step
            )
        case "stopped":
            return requests.desired_state == "run"
        case "finished":
            done = len(steered.training.history)
            return requests.desired_state == "run" and requests.target_epochs > done
    return False


@contextlib.contextmanager
def _run_lock(run: Run) -> Iterator[None]:
    """Hold a run's lock, taken while the run cannot be deleted."""
    with contextlib.ExitStack() as stack:
        with writing():
            row_of(run.id)
            try:
                stack.enter_context(file_lock(run.folder / "lock", seconds=0.5))
            except TimeoutError:
                raise RunBusyError(f"{run.id} is being trained already.") from None
        yield


def record_failure(run_id: str, error: BaseException) -> None:
    """Write down that a worker could not start a run, unless it does not wait any more.

    Raises:
        DatabaseError: if that cannot be written.
    """
    message = f"No worker could start it: {reason(error)}"
    with writing() as connection:
        if queue.position(run_id):
            change_state(connection, run_id, "failed", message=message, place=None)
