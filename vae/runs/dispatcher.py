"""The process that hands the waiting runs to workers: python -m vae.runs.dispatcher.

One for a folder of runs, whichever server started it. It is no server itself: that one's main
module is the app, which every worker would load. It lives as long as the server that started
it, or as there is work.

The workers are processes, one for each run, forked from one that has TensorFlow in memory; with
VAE_SCHEDULER they are those of a Dask cluster that share the folder (`vae.cluster`).
"""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any, Protocol, cast

from filelock import FileLock, Timeout

from vae import settings
from vae.runs import pace, queue
from vae.runs.dask_executor import Cluster
from vae.runs.worker import train_here
from vae.storage import is_locked

_POLL_INTERVAL = 0.05
_PROBE_SECONDS = 3
"""So long nothing must be going on before the pace of this machine is measured."""

_started: "dict[Path, subprocess.Popen[bytes]]" = {}


def workers() -> int:
    """How many runs may train at once: VAE_WORKERS, or one for each two cores."""
    try:
        return max(1, int(os.environ["VAE_WORKERS"]))
    except (KeyError, ValueError):
        return max(1, (os.cpu_count() or 1) // 2)


def ensure_dispatcher() -> None:
    """Have the process there that hands out the runs.

    Raises:
        OSError: if it cannot be started.
    """
    if is_locked(settings.RUNS / "workers.lock"):
        return
    if before := _started.get(settings.RUNS):
        if before.poll() is None:
            return  # It is about to take the lock.
        if before.stdin:
            before.stdin.close()
    settings.RUNS.mkdir(parents=True, exist_ok=True)
    with (settings.RUNS / "workers.log").open("ab") as log:
        _started[settings.RUNS] = subprocess.Popen(
            [sys.executable, "-m", "vae.runs.dispatcher"],
            cwd=settings.ROOT,
            env=os.environ | {"VAE_HOME": str(settings.HOME), "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdin=subprocess.PIPE,  # Its end tells that this process has gone.
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


class Task(Protocol):
    """A run in the hands of a worker."""

    def done(self) -> bool:
        """Whether it is no longer."""


class Workers(Protocol):
    """Where runs are trained."""

    def there(self) -> bool:
        """Whether there are any now."""

    def slots(self) -> int:
        """How many at a time."""

    def submit(self, run_id: str) -> Task:
        """Have a run trained."""


class Here:
    """Processes on this machine, forked from one that has imported TensorFlow."""

    def __init__(self) -> None:
        forks = "forkserver" in multiprocessing.get_all_start_methods()
        self.context = cast(Any, multiprocessing.get_context("forkserver" if forks else "spawn"))
        if forks:
            self.context.set_forkserver_preload(["vae.runs.preload"])
        self.context.Process(target=int).start()

    def there(self) -> bool:
        """Always."""
        return True

    def slots(self) -> int:
        """How many runs at a time."""
        return workers()

    def submit(self, run_id: str) -> "Future[None]":
        """Have a run trained in a process of its own."""
        # A pool for each: one that loses a process takes all its others with it.
        pool = ProcessPoolExecutor(1, mp_context=self.context, max_tasks_per_child=1)
        future = pool.submit(train_here, run_id)
        pool.shutdown(wait=False)
        return future


def serve() -> None:
    """Hand out runs until there is nobody left to do it for."""
    alone = threading.Event()
    threading.Thread(target=_await_end, args=(alone,), daemon=True).start()
    address = os.environ.get("VAE_SCHEDULER")
    where: Workers = Cluster(address) if address else Here()
    working: dict[str, Task] = {}
    told: dict[str, int] = {}
    probe, idle_since = _Probe(where), time.monotonic()
    while True:
        for run_id in [run_id for run_id, future in working.items() if future.done()]:
            del working[run_id]
            if _told(run_id) == told.pop(run_id):  # It could not even begin.
                queue.remove(run_id)
        queue = [run_id for run_id in queue.ids() if run_id not in working]
        if (queue or working) and (where.there() or not alone.is_set()):
            idle_since = time.monotonic()
            probe.stop()
        elif alone.is_set():
            probe.stop()
            return
        elif time.monotonic() > idle_since + _PROBE_SECONDS:
            probe.go_on()
        for run_id in queue[: max(0, where.slots() - len(working)) if queue else 0]:
            told[run_id] = _told(run_id)
            working[run_id] = where.submit(run_id)
        time.sleep(_POLL_INTERVAL)


def _told(run_id: str) -> int:
    """How much has been told of a run, in bytes."""
    try:
        return (settings.RUNS / run_id / "events.jsonl").stat().st_size
    except OSError:
        return 0


def _await_end(alone: threading.Event) -> None:
    sys.stdin.buffer.read()
    alone.set()


class _Probe:
    """Has the pace of this machine measured while nothing else is going on."""

    def __init__(self, where: Workers) -> None:
        self._context = where.context if isinstance(where, Here) else None
        self._process: Any = None

    def go_on(self) -> None:
        if self._context and (not self._process or not self._process.is_alive()):
            self._process = None
            if pace.known():
                self._context = None
            else:
                self._process = self._context.Process(target=pace.measure, daemon=True)
                self._process.start()

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process = None


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)  # The pages come first; all its workers inherit it.
    try:
        settings.RUNS.mkdir(parents=True, exist_ok=True)
        with FileLock(settings.RUNS / "workers.lock", blocking=False):
            serve()
    except Timeout:
        pass  # Another one is there.
