"""A conditional variational autoencoder for MNIST: the model, its training and its uses.

Importing this package is instant: a name is imported from its module on first use, and
TensorFlow only with the names that need it (`VAE`, `train`).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vae.analysis.evaluation import evaluate
    from vae.data.mnist import load_mnist
    from vae.files.export import generate_dataset
    from vae.files.registry import load
    from vae.files.weights import save
    from vae.images import generate_digits
    from vae.model.keras_model import VAE
    from vae.model.numpy_model import TrainedVAE
    from vae.params import Params
    from vae.presets import PRESETS
    from vae.training.loop import train
    from vae.training.progress import Progress

from vae.errors import ParamsError, VAELabError, WeightsError

_HOMES = {
    "load_mnist": "data.mnist",
    "generate_digits": "images",
    "TrainedVAE": "model.numpy_model",
    "evaluate": "analysis.evaluation",
    "generate_dataset": "files.export",
    "VAE": "model.keras_model",
    "PRESETS": "presets",
    "Params": "params",
    "ParamsError": "errors",
    "Progress": "training.progress",
    "train": "training.loop",
    "VAELabError": "errors",
    "WeightsError": "errors",
    "load": "files.registry",
    "save": "files.weights",
}

__all__ = [
    "PRESETS",
    "VAE",
    "Params",
    "ParamsError",
    "Progress",
    "TrainedVAE",
    "VAELabError",
    "WeightsError",
    "evaluate",
    "generate_dataset",
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
