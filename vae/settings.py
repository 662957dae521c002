"""Where things are on disk."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MNIST = ROOT / "data" / "mnist.npz"
SHIPPED = ROOT / "weights"
"""The trained models that come with the project; never written to by the app."""

HOME = Path(os.environ.get("VAE_HOME", ROOT)).resolve()
"""Where trainings leave their files; set the environment variable VAE_HOME to move it."""

MODELS = HOME / "weights"
RUNS = HOME / "runs"
