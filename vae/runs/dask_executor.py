"""The workers of a Dask cluster, which share the folder of runs.

Dask itself hands a run whose worker is lost to another one, where it goes on from its
checkpoint. What Dask does not do is done here: one run a worker, a place in the queue for a run
that waits for another worker, and going on when a scheduler is back that was away.
"""

import contextlib
import socket
import sys
import time
import uuid
from typing import Any

from vae import settings
from vae.errors import RunError
from vae.runs import control, queue
from vae.runs import run as runs
from vae.runs.worker import EventLog, train_run
from vae.storage import atomic_write

_CONNECT_SECONDS = 3
_AGAIN_SECONDS = 5
"""So long after one try to reach the scheduler follows the next."""
_LOOK_SECONDS = 1


class Cluster:
    """The workers that a scheduler knows.

    As long as it cannot be reached, or has none, `workers-trouble.txt` says so in a sentence.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Any = None
        self._try_at = time.monotonic()
        self._tasks: list[Task] = []
        self._trouble = ""
        (settings.RUNS / "workers-trouble.txt").unlink(missing_ok=True)

    def there(self) -> bool:
        """Whether the scheduler can be reached."""
        status = self._client.status if self._client else "closed"
        if status == "running":
            return True
        # It tries by itself for a while before it is closed.
        if status == "closed" and time.monotonic() >= self._try_at:
            try:
                self._connect()
                return True
            except ImportError:
                self._say(
                    "Dask is missing where the app is running: "
                    "pip install -r requirements-cluster.txt."
                )
            except Exception:  # What Dask raises for an address that is none is of any kind.
                self._say(f"The scheduler {self._address} cannot be reached. The run waits for it.")
            self._try_at = time.monotonic() + _AGAIN_SECONDS
        return False

    def slots(self) -> int:
        """How many runs at a time: one a worker that nobody else has work for."""
        work, own = self.work(), {task.key for task in self._tasks}
        return len(work) - sum(key not in own for keys in work.values() for key in keys)

    def work(self) -> dict[str, list[str]]:
        """The keys of the tasks that each worker has been given."""
        if not self.there():
            return {}
        try:
            work: dict[str, list[str]] = self._client.processing()
        except Exception:  # The scheduler has just gone; there will be another time.
            return {}
        self._say("" if work else f"The scheduler {self._address} has no workers.")
        return work

    def submit(self, run_id: str) -> "Task":
        """Have a run trained somewhere."""
        task = Task(self, run_id)
        self._tasks.append(task)
        self.send(task)
        return task

    def send(self, task: "Task") -> None:
        """Give a task to the scheduler, if it can be reached."""
        from distributed import fire_and_forget

        try:
            task.future = self._client.submit(train_run, task.run_id, key=task.key, pure=False)
            fire_and_forget(task.future)  # A run outlives those who started it.
        except Exception:  # As in `work`.
            task.future = None

    def forget(self, task: "Task") -> None:
        """A task is done."""
        self._tasks.remove(task)

    def _connect(self) -> None:
        import dask
        from distributed import Client
        from distributed.comm import get_address_host_port

        # A client that is made in vain leaves a thread behind; this does not.
        where = get_address_host_port(self._address, strict=True)
        socket.create_connection(where, _CONNECT_SECONDS).close()
        dask.config.set({"distributed.comm.timeouts.connect": _CONNECT_SECONDS})
        self._client = Client(self._address, timeout=_CONNECT_SECONDS, set_as_default=False)

    def _say(self, trouble: str) -> None:
        if trouble == self._trouble:
            return
        self._trouble = trouble
        print(trouble or "All is well again.", file=sys.stderr, flush=True)
        file = settings.RUNS / "workers-trouble.txt"
        with contextlib.suppress(OSError):
            atomic_write(file, trouble) if trouble else file.unlink(missing_ok=True)


class Task:
    """A run in the hands of a cluster."""

    def __init__(self, cluster: Cluster, run_id: str) -> None:
        self.run_id = run_id
        self.key = f"train-{uuid.uuid4().hex}"
        self.future: Any = None
        self._cluster = cluster
        self._look_at = 0.0

    def done(self) -> bool:
        """Whether it has been trained, or cannot be."""
        if self.future and self.future.done() and not self.future.cancelled():
            self._cluster.forget(self)
            if self.future.status == "error":
                self._explain(self.future.exception())
            return True
        if self._cluster.there() and (not self.future or self.future.cancelled()):
            # The contact was lost. If the task was not, this one is the same.
            self._cluster.send(self)
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _LOOK_SECONDS
            self._look()
        return False

    def _look(self) -> None:
        """Have it in the queue if its worker has gone and it waits for another one."""
        with contextlib.suppress(RunError, OSError):
            run = runs.get(self.run_id)
            status = run.status()
            if status.state == "killed" and control.read(run.folder).desired_state != "stop":
                queue.add(self.run_id)
            if not status.has_worker:
                self._cluster.work()  # If there are no workers, that is said.

    def _explain(self, error: BaseException) -> None:
        with contextlib.suppress(RunError, OSError):
            queue.remove(self.run_id)
            run = runs.get(self.run_id)
            if not run.status().history.worker:  # It never began, so nobody else has said why.
                reason = " ".join(str(error).split()) or type(error).__name__
                log = EventLog(run.folder)
                log.append("failed", message=f"No worker can train it: {reason}")
                log.close()
