"""Where things are on disk, and the environment variables that change it.

VAE_HOME           folder for runs and new models; by default the project's own
VAE_DATABASE       address of a PostgreSQL database, postgresql+psycopg://…; by default, SQLite
VAE_WORKERS        how many runs may train at once; by default one for each two cores
VAE_WORKER_TIMEOUT seconds without progress after which a worker is ended; by default 600
VAE_SCHEDULER      address of a Dask scheduler whose workers train instead, tcp://host:8786
VAE_PUBLIC         1: runs and models have owners, visitors have quotas (`vae.public`); the server
                   sets it if other machines can reach it, unless it is 0
VAE_TEACHER_TOKEN  what a teacher types to see and change everything on a public server
VAE_EPHEMERAL      1: runs and models are lost when the server restarts, and the pages say so
"""

import os
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MNIST = ROOT / "data" / "mnist.npz"
SHIPPED = ROOT / "weights"
"""The trained models that come with the project; the app never writes to them."""

HOME = Path(os.environ.get("VAE_HOME", ROOT)).resolve()
MODELS = HOME / "weights"
RUNS = HOME / "runs"

CONTAINER = Path("/sys/fs/cgroup")

WORKER_MEMORY = 2_500_000_000
"""Bytes of a container for each training, with its share of the server."""

MIN_TOKEN = 12
"""Characters of a teacher's token; a shorter one could be guessed."""


def database() -> str:
    """The address of a database; empty: a file in the home folder, see `vae.database`."""
    return os.environ.get("VAE_DATABASE", "")


def cores() -> int:
    """How many cores this process may use, in a container or not."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quota, _, period = _of_the_container("cpu.max").partition(" ")
    whole = max(1, int(quota) // int(period)) if quota.isdecimal() else 10**6
    return min(allowed or 1, whole)


def memory() -> int | None:
    """The memory of the container, bytes; None without a limit."""
    limit = _of_the_container("memory.max")
    return int(limit) if limit.isdecimal() else None


def _of_the_container(file: str) -> str:
    """What a file of the kernel says of this container, by control groups of version 2."""
    try:
        return (CONTAINER / file).read_text().strip()
    except OSError:
        return ""


def worker_slots() -> int:
    """How many runs may train at once on this machine: by default one for each two cores and each
    `WORKER_MEMORY`. If public, at most one for each core.
    """
    room = memory()
    fitting = cores() if room is None else max(1, room // WORKER_MEMORY)
    try:
        slots = max(1, int(os.environ["VAE_WORKERS"]))
    except (KeyError, ValueError):
        return max(1, min(cores() // 2, fitting))
    return min(slots, cores()) if public() else slots


def worker_timeout() -> int:
    """Seconds without progress after which a worker is ended. No step takes nearly as long."""
    try:
        return max(1, int(os.environ["VAE_WORKER_TIMEOUT"]))
    except (KeyError, ValueError):
        return 600


def public() -> bool:
    """Whether runs and models have owners, and visitors have quotas."""
    return os.environ.get("VAE_PUBLIC", "") not in ("", "0")


def teacher_token() -> str:
    """What a teacher types; empty if there is none. It has `MIN_TOKEN` characters or no effect."""
    return os.environ.get("VAE_TEACHER_TOKEN", "")


def scheduler_address() -> str:
    """The Dask scheduler's address; empty if runs train on this machine."""
    return os.environ.get("VAE_SCHEDULER", "")


def ephemeral() -> bool:
    """Whether runs and models are lost when the server restarts, as in a Space of Hugging Face."""
    return os.environ.get("VAE_EPHEMERAL", "1" if "SPACE_ID" in os.environ else "0") != "0"


def can_train() -> bool:
    """Whether runs can be trained: with TensorFlow, or by a cluster that has it."""
    return bool(scheduler_address() or find_spec("tensorflow"))
