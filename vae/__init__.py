"""A conditional variational autoencoder for MNIST: the model, its training and its uses.

Importing this package is instant: a name is imported from its module on first use, and
TensorFlow only with the names that need it (`VAE`, `train`).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vae.data import load_mnist
    from vae.images import generate_digits
    from vae.inference import TrainedVAE
    from vae.metrics import evaluate
    from vae.model import VAE
    from vae.params import PRESETS, Params, ParamsError
    from vae.progress import Progress
    from vae.training import train
    from vae.weights import WeightsError, load, save

_HOMES = {
    "load_mnist": "data",
    "generate_digits": "images",
    "TrainedVAE": "inference",
    "evaluate": "metrics",
    "VAE": "model",
    "PRESETS": "params",
    "Params": "params",
    "ParamsError": "params",
    "Progress": "progress",
    "train": "training",
    "WeightsError": "weights",
    "load": "weights",
    "save": "weights",
}

__all__ = [
    "PRESETS",
    "VAE",
    "Params",
    "ParamsError",
    "Progress",
    "TrainedVAE",
    "WeightsError",
    "evaluate",
    "generate_digits",
    "load",
    "load_mnist",
    "save",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vae' has no attribute {name!r}")
    return getattr(import_module(f"vae.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
