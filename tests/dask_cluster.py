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
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.scheduler, self.workers = None, []

    def up(self, workers):
        """Have the scheduler run, and this many workers."""
        if not self.scheduler:
            self.scheduler = self._start("scheduler", "--port", self.address.split(":")[-1])
        while len(self.workers) < workers:
            self.workers.append(
                self._start(
                    *(
                        "worker",
                        self.address,
                        "--nthreads=1",
                        "--no-nanny",
                        "--preload=vae.runs.preload",
                    ),
                    f"--local-directory={self.folder}",
                )
            )

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
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "dask", *arguments, "--host=127.0.0.1"),
                    "--dashboard-address=127.0.0.1:0",
                ],
                cwd=ROOT,
                env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
                stdout=log,
                stderr=log,
            )
