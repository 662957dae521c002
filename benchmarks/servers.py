"""What benchmarks share that start the app: servers, homes and what a process has spent."""

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
    """The address and the process id of a new Streamlit server."""
    url, process = start(script, **environment)
    try:
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def start(script: Path, **environment: str) -> tuple[str, subprocess.Popen[bytes]]:
    """Start a Streamlit server on a free port: its address and its process, once it answers.

    Raises:
        RuntimeError: it has ended before it answered.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", script, "--server.headless=true"),
            *(f"--server.port={port}", "--server.address=127.0.0.1"),
        ],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        with suppress(OSError):
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
            return url, process
        time.sleep(0.05)
    raise RuntimeError(f"The server of {script} has ended with {process.returncode}.")


@contextmanager
def a_home() -> Iterator[Path]:
    """A new home, for this process and the servers that it starts."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["VAE_HOME"] = home
        settings.HOME, settings.RUNS = Path(home), Path(home) / "runs"
        settings.MODELS = settings.HOME / "weights"
        settings.RUNS.mkdir()
        yield settings.HOME


def stop_all() -> None:
    """Stop every run and wait for it."""
    for run in map(store.get, store.list_ids()):
        if run.status().is_active:
            run.stop()
        while run.status().has_worker:
            time.sleep(0.1)


def cpu_seconds(pid: int) -> float:
    """What a process has spent so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
