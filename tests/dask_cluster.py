"""A real Dask scheduler and its workers: processes of this machine."""

import os
import socket
import subprocess
import sys

from conftest import ROOT


class Cluster:
    """A scheduler and its workers, without nannies, which would restart them."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler, self.workers = None, []

    def up(self, workers):
        """Have the scheduler run, and this many workers."""
        if not self.scheduler:
            self.scheduler = self._start("scheduler", f"--port={self.port}")
        options = ("--nthreads=1", "--no-nanny", "--preload=vae.runs.preload")
        while len(self.workers) < workers:
            folder = f"--local-directory={self.folder}"
            self.workers.append(self._start("worker", self.address, *options, folder))

    def down(self):
        while self.workers:
            self.lose(self.workers[0].pid)
        if self.scheduler:
            self.scheduler.kill()
            self.scheduler.wait()
            self.scheduler = None

    def lose(self, pid):
        """Kill the worker with that process id."""
        (process,) = (process for process in self.workers if process.pid == pid)
        process.kill()
        process.wait()
        self.workers.remove(process)

    def _start(self, *arguments):
        local = "--host=tcp://127.0.0.1", "--dashboard-address=127.0.0.1:0"
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments, *local],
                cwd=ROOT,
                env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
                stdout=log,
                stderr=log,
            )
