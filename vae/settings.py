"""Where things are on disk, and the environment variables that change it.

VAE_HOME           folder for runs and new models; by default the project's own
VAE_DATABASE       address of a PostgreSQL database, postgresql+psycopg://…; by default, SQLite
VAE_WORKERS        how many runs may train at once; by default one for each two cores
VAE_WORKER_TIMEOUT seconds without progress after which a worker is ended; by default 600
VAE_SCHEDULER      address of a Dask scheduler whose workers train instead, tcp://host:8786
VAE_PUBLIC         1: runs and models have owners, visitors have quotas (`vae.public`); the server
                   sets it if other machines can reach it, unless it is 0
VAE_TEACHER_TOKEN  what a teacher types to see and change everything on a public server
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MNIST = ROOT / "data" / "mnist.npz"
SHIPPED = ROOT / "weights"
"""The trained models that come with the project; the app never writes to them."""

HOME = Path(os.environ.get("VAE_HOME", ROOT)).resolve()
MODELS = HOME / "weights"
RUNS = HOME / "runs"


MIN_TOKEN = 12
"""Characters of a teacher's token; a shorter one could be guessed."""


def database() -> str:
    """The address of a database; empty: a file in the home folder, see `vae.database`."""
    return os.environ.get("VAE_DATABASE", "")


def worker_slots() -> int:
    """How many runs may train at once on this machine; if public, at most one for each core."""
    cores = os.cpu_count() or 1
    try:
        slots = max(1, int(os.environ["VAE_WORKERS"]))
    except (KeyError, ValueError):
        return max(1, cores // 2)
    return min(slots, cores) if public() else slots


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
