"""A server with its dispatcher and workers, in a home of its own, to be disturbed."""

import asyncio
import os
import re
import resource
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from benchmarks import servers
from benchmarks.faults.tally import check
from benchmarks.load.session import connect
from vae import settings
from vae.params import Params
from vae.runs import store
from vae.runs.run import Run
from vae.runs.status import Status
from vae.storage import is_locked

PARAMS = Params(
    encoder_layers=[16], decoder_layers=[16], digit_classification_layers=[16], batch_size=1000
)
TIMEOUT = 180
WORKER_TIMEOUT = 90
"""Seconds without progress: less than `TIMEOUT`, and more than a worker is stopped for."""

Value = TypeVar("Value")


def wait_until(condition: Callable[[], Value], what: str) -> Value:
    """The first true value of `condition()`."""
    deadline = time.monotonic() + TIMEOUT
    while not (value := condition()):
        check(time.monotonic() < deadline, f"waited in vain: {what}")
        time.sleep(0.05)
    return value


class App:
    """A server on a free port, whose home is the one of this process from now on."""

    def __init__(self, home: Path) -> None:
        settings.HOME, settings.RUNS, settings.MODELS = home, home / "runs", home / "weights"
        self._home = home
        self._dispatchers: set[int] = set()
        self.start()

    def start(self) -> None:
        """Start the server, and open its pages."""
        self.url, self.server = servers.start(
            servers.ROOT / "app.py",
            VAE_HOME=str(self._home),
            VAE_WORKERS="1",
            VAE_WORKER_TIMEOUT=str(WORKER_TIMEOUT),
        )
        self.open_pages()

    def open_pages(self, run: Run | None = None) -> None:
        """Open pages; an exception on one of them is a fault. Train starts the dispatcher."""
        query = f"run={run.id}" if run else ""
        shown = asyncio.run(self._exceptions({"train": query, "runs": "", "generate": ""}))
        check(not shown, f"on the pages: {shown}")

    def dispatcher(self) -> int:
        """The process of the dispatcher, once it is ready."""
        lock = settings.RUNS / "workers.lock"
        wait_until(lambda: is_locked(lock), "a dispatcher")
        (pid,) = wait_until(self._only_dispatcher, "its process, and no other dispatcher")
        self._dispatchers.add(pid)
        return pid

    def _only_dispatcher(self) -> list[int]:
        # Briefly there may be two: a process it is starting, or one that finds the lock held.
        found = _processes("vae.runs.dispatcher", self._home)
        return found if len(found) == 1 else []

    def train(self, name: str) -> Run:
        """A run that trains until it is stopped."""
        run = store.create(PARAMS, name)
        run.request(target_epochs=1000)
        run.submit()
        wait_until(lambda: run.status().history.checkpoint, f"{name} to train")
        return run

    def close(self) -> None:
        """End all processes."""
        for pid in self._dispatchers:
            with suppress(ProcessLookupError):  # With its workers: it leads a session.
                os.killpg(pid, signal.SIGKILL)
        self.server.kill()
        self.server.wait()

    async def _exceptions(self, pages: dict[str, str]) -> list[str]:
        async with connect(self.url) as tab:
            for page, query in pages.items():
                await tab.open(page, query)
            return tab.exceptions


def worker_of(run: Run) -> int:
    """The process that trains the run, or did last."""
    match = re.search(r"process (\d+) on", run.status().history.worker)
    check(match, "it has no worker")
    return int(match[1]) if match else 0


def finish(run: Run) -> Status:
    """Let a run end with the epoch after the next, and return how it ended."""
    run.request(target_epochs=len(run.status().history.epochs) + 2)
    status = wait_until(lambda: ended(run), f"{run.id} to end")
    epochs = [entry["epoch"] for entry in status.history.epochs]
    check(status.state == "finished", f"{status.state}: {status.message}")
    check(epochs == list(range(len(epochs))), f"epochs {epochs}")
    check(not status.problems, f"{status.problems}")
    return status


def limit_data(pid: int, spare: int | None) -> None:
    """Limit the data of a process to this number of bytes more than it has now; None: no limit."""
    size = -1
    if spare is not None:
        now = re.search(r"VmData:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        size = 1024 * int(now[1] if now else 0) + spare
    resource.prlimit(pid, resource.RLIMIT_DATA, (size, -1))


def ended(run: Run) -> Status | None:
    """The status of a run that has ended; None while it waits or has a worker."""
    status = run.status()
    return None if status.is_active or status.has_worker else status


def _processes(module: str, home: Path) -> list[int]:
    """The processes that run this module of Python in a home."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (path / "cmdline").read_bytes().split(b"\0")
            environment = (path / "environ").read_bytes().split(b"\0")
            runs = command[1:3] == [b"-m", module.encode()]
            if runs and f"VAE_HOME={home}".encode() in environment:
                found.append(int(path.name))
    return found
