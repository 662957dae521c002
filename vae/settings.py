"""Where things are on disk, and the environment variables that change it.

VAE_HOME        folder for runs and new models; by default the project's own
VAE_WORKERS     how many runs may train at once; by default one for each two cores
VAE_SCHEDULER   address of a Dask scheduler whose workers train instead, tcp://host:8786
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


def worker_slots() -> int:
    """How many runs may train at once on this machine."""
    try:
        return max(1, int(os.environ["VAE_WORKERS"]))
    except (KeyError, ValueError):
        return max(1, (os.cpu_count() or 1) // 2)


def scheduler_address() -> str:
    """The Dask scheduler's address; empty if runs train on this machine."""
    return os.environ.get("VAE_SCHEDULER", "")
