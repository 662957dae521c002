"""The workers of a Dask cluster, which share the home folder.

Dask itself hands a run whose worker is lost to another one, where it resumes from its
checkpoint. What Dask does not do is done here: one run for each worker, a place in the queue for
a run that waits for another worker, and going on when a lost scheduler is back.

Whoever can reach the scheduler can run code on the workers, and what it replies is unpickled
here: keep its ports inside a trusted network.
"""

import contextlib
import socket
import sys
import time
import uuid
from typing import Any

from vae import settings
from vae.errors import RunError
from vae.runs import queue, store
from vae.runs.worker import record_failure, work
from vae.storage import atomic_write

_CONNECT_SECONDS = 3
_RECONNECT_SECONDS = 2
"""Between two attempts to reach the scheduler."""

_POLL_SECONDS = 1
"""Between two checks whether the worker of a run was lost."""


class DaskExecutor:
    """The workers that a scheduler knows.

    As long as it cannot be reached, or has no workers, `workers-trouble.txt` says so.

    Args:
        address: of the scheduler, tcp://host:port.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Any = None
        self._connect_at = time.monotonic()
        self._jobs: list[DaskJob] = []
        self._trouble = ""

    def available(self) -> bool:
        """Whether the scheduler can be reached."""
        status = self._client.status if self._client else "closed"
        if status == "running":
            return True
        # The client reconnects by itself for a while before it is closed.
        if status == "closed" and time.monotonic() >= self._connect_at:
            try:
                self._connect()
                return True
            except ImportError:
                self._report(
                    "Dask is missing where the app runs: pip install -r requirements-cluster.txt."
                )
            except Exception:  # Dask raises various errors for an invalid address.
                self._report(f"The scheduler {self._address} cannot be reached. The run waits.")
            self._connect_at = time.monotonic() + _RECONNECT_SECONDS
        return False

    def slots(self) -> int:
        """One for each worker without tasks of others."""
        tasks, own = self.tasks_by_worker(), {job.key for job in self._jobs}
        return len(tasks) - sum(key not in own for keys in tasks.values() for key in keys)

    def tasks_by_worker(self) -> dict[str, list[str]]:
        """The keys of the tasks that each worker has."""
        if not self.available():
            return {}
        try:
            tasks: dict[str, list[str]] = self._client.processing()
        except Exception:  # The scheduler has just gone.
            return {}
        self._report("" if tasks else f"The scheduler {self._address} has no workers.")
        return tasks

    def submit(self, run_id: str) -> "DaskJob":
        """Train a run on some worker."""
        job = DaskJob(self, run_id)
        self._jobs.append(job)
        self.send(job)
        return job

    def send(self, job: "DaskJob") -> None:
        """Give a job to the scheduler, if it can be reached."""
        from distributed import fire_and_forget

        try:
            job.future = self._client.submit(work, job.run_id, key=job.key, pure=False)
            fire_and_forget(job.future)  # A run outlives those who started it.
        except Exception:  # The scheduler has just gone.
            job.future = None

    def forget(self, job: "DaskJob") -> None:
        """A job is done."""
        if job in self._jobs:
            self._jobs.remove(job)

    def close(self) -> None:
        """End the connection; the runs that were sent train on."""
        if self._client:
            self._client.close()
            self._client = None

    def _connect(self) -> None:
        import dask
        from distributed import Client
        from distributed.comm import get_address_host_port

        # A client that cannot connect leaves a thread behind; this test does not.
        address = get_address_host_port(self._address, strict=True)
        socket.create_connection(address, _CONNECT_SECONDS).close()
        dask.config.set({"distributed.comm.timeouts.connect": _CONNECT_SECONDS})
        self._client = Client(self._address, timeout=_CONNECT_SECONDS, set_as_default=False)

    def _report(self, trouble: str) -> None:
        if trouble == self._trouble:
            return
        self._trouble = trouble
        print(trouble or "The workers are back.", file=sys.stderr, flush=True)
        file = settings.RUNS / "workers-trouble.txt"
        with contextlib.suppress(OSError):
            atomic_write(file, trouble) if trouble else file.unlink(missing_ok=True)


class DaskJob:
    """A run that a cluster trains."""

    def __init__(self, executor: DaskExecutor, run_id: str) -> None:
        self.run_id = run_id
        self.key = f"train-{uuid.uuid4().hex}"
        self.future: Any = None
        self._executor = executor
        self._poll_at = 0.0

    def done(self) -> bool:
        """As in `vae.runs.executors.Job`."""
        if self.future and self.future.done() and not self.future.cancelled():
            self._executor.forget(self)
            if error := self.exception():  # Dask does not try it again.
                with contextlib.suppress(OSError):
                    record_failure(self.run_id, error)
            return True
        if self._executor.available() and (not self.future or self.future.cancelled()):
            # The connection was lost. If the task was not, this is the same one, by its key.
            self._executor.send(self)
        if time.monotonic() >= self._poll_at:
            self._poll_at = time.monotonic() + _POLL_SECONDS
            self._requeue_if_lost()
        return False

    def exception(self) -> BaseException | None:
        """As in `vae.runs.executors.Job`."""
        error: BaseException | None = (
            self.future.exception() if self.future.status == "error" else None
        )
        return error

    def _requeue_if_lost(self) -> None:
        """Put the run into the queue if its worker is gone and it waits for another one."""
        with contextlib.suppress(RunError, OSError):
            status = store.get(self.run_id).status()
            if status.state == "killed" and status.control.desired_state != "stop":
                queue.submit(self.run_id)
            if not status.has_worker:
                self._executor.tasks_by_worker()  # Reports if there are no workers.
