"""The app for the internet: server processes behind nginx, all kept alive.

    python -m deploy.public --origin https://vae.example.org --certificate CERT --key KEY

SIGTERM and SIGINT end all processes, trainings too; their runs can be resumed from their
checkpoints. SIGHUP has nginx read a renewed certificate.
"""

import argparse
import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path

from deploy.nginx import nginx_config
from deploy.options import parse
from vae.public.quotas import QUOTAS

ROOT = Path(__file__).resolve().parent.parent

SERVER_ENVIRONMENT = {
    "PYTHONMALLOC": "malloc",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(256 << 10),
    "MALLOC_TRIM_THRESHOLD_": str(16 << 20),
}
"""Has glibc give back memory that is free again, and all threads share one heap. Python itself
would keep whatever part of a MiB has anything else in it.
"""

_CHECK_SECONDS = 0.5
_FIRST_PAUSE, _LONGEST_PAUSE = 1, 60
"""Seconds before a process is started again: doubled each time, until one has lived for longer."""
_END_SECONDS = 10
"""What a process gets to end by itself."""
_PROBE_SECONDS, _ANSWER_SECONDS, _MAX_MISSED = 10, 5, 6
"""Seconds between two requests to a server; seconds for its answer; requests in a row without an
answer after which it is ended."""


class Child:
    """A process that is started again when it ends.

    Args:
        name: what messages call it.
        command: what it runs.
        environment: its environment variables.
        max_mb: it is killed when it has more memory, MB; None for no limit.
        port: it is killed when Streamlit does not answer there for a minute; None for no server.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: Mapping[str, str],
        max_mb: int | None = None,
        port: int | None = None,
    ) -> None:
        self._name, self._command, self._environment = name, command, environment
        self._max_mb, self._port = max_mb, port
        self._pause = _FIRST_PAUSE
        self._started_at = self._again_at = self._probe_at = 0.0
        self._missed = 0
        self._start()

    def check(self) -> None:
        """Start it again if it has ended; end it if it has too much memory or does not answer."""
        code, now = self.process.poll(), time.monotonic()
        if code is None:
            if self._max_mb and _memory_mb(self.process.pid) > self._max_mb:
                _report(f"{self._name} takes more than {self._max_mb} MB and is ended.")
                self.process.kill()
            elif self._port and now >= self._probe_at:
                self._probe_at = now + _PROBE_SECONDS
                self._missed = 0 if _answers(self._port) else self._missed + 1
                if self._missed == _MAX_MISSED:
                    _report(f"{self._name} does not answer and is ended.")
                    self.process.kill()
        elif not self._again_at:
            if now - self._started_at > _LONGEST_PAUSE:
                self._pause = _FIRST_PAUSE
            _report(f"{self._name} has ended with {code}. It starts again in {self._pause} s.")
            self._again_at = now + self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        elif now >= self._again_at:
            self._start()

    def _start(self) -> None:
        # In a session of its own: Ctrl+C in the terminal reaches only its parent.
        self.process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, start_new_session=True
        )
        self._started_at, self._again_at = time.monotonic(), 0.0
        self._probe_at, self._missed = self._started_at + _PROBE_SECONDS, 0


def _report(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _memory_mb(pid: int) -> float:
    """The resident memory of a process, MB; 0 on systems without /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _answers(port: int) -> bool:
    """Whether the server on this port answers that it is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _descendants(mark: str) -> list[int]:
    """The processes that have inherited an environment variable NAME=VALUE."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # It has ended, or is somebody else's.
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def server_command(options: argparse.Namespace, port: int) -> list[str]:
    """The command of a server. The settings of all servers are in .streamlit/config.toml."""
    return [
        *(sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"),
        *("--server.address=127.0.0.1", f"--server.port={port}"),
        *(f"--server.allowedHosts={host}" for host in options.hosts),
        *(f"--server.corsAllowedOrigins={origin}" for origin in options.origin),
        f"--browser.serverAddress={options.hosts[0]}",
        f"--server.maxUploadSize={QUOTAS.upload_megabytes}",
    ]


def _check_port(address: str, port: int, option: str) -> None:
    """End the program with a sentence if nothing can listen there."""
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            free.bind((address, port))
        except OSError as error:
            sys.exit(f"Port {port} cannot be used: {error.strerror}. Choose another with {option}.")


def run(options: argparse.Namespace, nginx: str) -> None:
    """Start all processes, and keep them alive until a signal arrives."""
    _check_port("", options.port, "--port")
    for port in options.ports:
        _check_port("127.0.0.1", port, "--first-port")
    mark = f"VAE_SUPERVISOR={os.getpid()}"
    environment = os.environ | {"VAE_PUBLIC": "1", "VAE_SUPERVISOR": str(os.getpid())}
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with tempfile.TemporaryDirectory(prefix="vae-nginx-") as folder:
        file = Path(folder) / "nginx.conf"
        file.write_text(nginx_config(options))
        command = [nginx, "-e", "stderr", "-p", folder, "-c", str(file)]
        if subprocess.run([*command, "-t", "-q"]).returncode:
            sys.exit("nginx cannot be started with this configuration.")
        # A server starts no program by its name. Streamlit would start git for any browser that
        # requests the names of the files that are not committed.
        of_servers = environment | SERVER_ENVIRONMENT | {"PATH": os.devnull}
        children: list[Child] = []
        try:
            for port in options.ports:
                child = Child(
                    f"The server on port {port}",
                    server_command(options, port),
                    of_servers,
                    options.server_memory,
                    port,
                )
                children.append(child)
            proxy = Child("nginx", command, environment)
            children.append(proxy)
            signal.signal(signal.SIGHUP, lambda *_: proxy.process.send_signal(signal.SIGHUP))
            count = "1 server" if options.processes == 1 else f"{options.processes} servers"
            _report(f"VAE Lab is at {options.origin[0]}, with {count}.")
            # In parallel: a server that does not answer is waited for.
            with ThreadPoolExecutor(len(children)) as checks:
                while not stop.wait(_CHECK_SECONDS):
                    list(checks.map(Child.check, children))
        finally:
            _end(children, mark)


def _end(children: list[Child], mark: str) -> None:
    """End all processes, also those that the servers have started."""
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + _END_SECONDS
    for child in children:
        try:
            child.process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
    while left := _descendants(mark):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def main() -> None:
    """Run, or only print nginx's configuration."""
    options = parse()
    if options.servers and not options.print:
        sys.exit("Servers that were started elsewhere can only be used with --print.")
    if options.print:
        try:
            print(nginx_config(options), end="")
        except socket.gaierror as error:
            sys.exit(f"The name of a server is unknown: {error}.")
        return
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    nginx = shutil.which("nginx", path=folders)
    if not nginx:
        sys.exit("nginx is missing. Install it: apt install nginx-light, or brew install nginx.")
    run(options, nginx)


if __name__ == "__main__":
    main()
