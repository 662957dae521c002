"""Servers in a home of their own, and the time and memory of a process."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vae import settings
from vae.runs import store

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def server(script: Path, **environment: str) -> Iterator[tuple[str, int]]:
    """The address and the process id of a new Streamlit server, once it answers.

    Raises:
        RuntimeError: it has ended before it answered.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"),
        *(f"--server.port={port}", "--server.address=127.0.0.1"),
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, **quiet)
    url = f"http://127.0.0.1:{port}"
    try:
        while not _answers(url):
            if process.poll() is not None:
                raise RuntimeError(f"The server of {script} ended with {process.returncode}.")
            time.sleep(0.05)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    with suppress(OSError):
        urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
        return True
    return False


@contextmanager
def a_home() -> Iterator[Path]:
    """A new home, for this process and the servers that it starts; its runs end with it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["VAE_HOME"] = home
        settings.HOME, settings.RUNS = Path(home), Path(home) / "runs"
        settings.MODELS = settings.HOME / "weights"
        settings.RUNS.mkdir()
        try:
            yield settings.HOME
        finally:
            stop_all()


def stop_all() -> None:
    """Stop every run and wait for it."""
    for run in map(store.get, store.list_ids()):
        if run.status().is_active:
            run.stop()
        while run.status().has_worker:
            time.sleep(0.1)


def cpu_seconds(pid: int) -> float:
    """The processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """The memory of a process, MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
