"""A real Dask scheduler and its workers: processes of this machine."""

import contextlib
import os
import socket
import subprocess
import sys

from conftest import ROOT, wait_until


class Cluster:
    """A scheduler and its workers, without nannies, which would restart them."""

    def __init__(self, folder, scheme="tcp"):
        self.folder = folder
        self.scheme = scheme
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"{scheme}://127.0.0.1:{free.getsockname()[1]}"
        self.scheduler, self.workers = None, []

    def up(self, workers, preload=("--preload=vae.runs.preload",)):
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
                        *preload,
                    ),
                    f"--local-directory={self.folder}",
                )
            )

    def await_scheduler(self):
        """Wait until the scheduler's port is open."""
        address = ("127.0.0.1", int(self.address.rsplit(":", 1)[1]))

        def is_open():
            assert self.scheduler.poll() is None
            with contextlib.suppress(OSError):
                socket.create_connection(address).close()
                return True
            return False

        wait_until(is_open)

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
                    *(
                        sys.executable,
                        "-m",
                        "dask",
                        *arguments,
                        f"--host={self.scheme}://127.0.0.1",
                    ),
                    "--dashboard-address=127.0.0.1:0",
                ],
                cwd=ROOT,
                env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
                stdout=log,
                stderr=log,
            )
