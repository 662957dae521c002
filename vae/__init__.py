"""A conditional variational autoencoder for MNIST: the model, its training and its uses.

Importing this package takes a moment: a name is imported from its module on first use, and
TensorFlow only with the names that need it (`VAE`, `train`).
"""

from importlib import import_module
from typing import Any

from wrapt import when_imported

_HOMES = {
    "PRESETS": "presets",
    "Params": "params",
    "ParamsError": "errors",
    "Progress": "training.progress",
    "TrainedVAE": "model.numpy_model",
    "VAE": "model.keras_model",
    "VAELabError": "errors",
    "WeightsError": "errors",
    "evaluate": "analysis.evaluation",
    "generate_dataset": "files.export",
    "generate_digits": "images",
    "load": "files.registry",
    "load_mnist": "data.mnist",
    "save": "files.weights",
    "train": "training.loop",
}
"""The public names, each with its module."""

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vae' has no attribute {name!r}")
    return getattr(import_module(f"vae.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__


@when_imported("keras")
def _register(_: Any) -> None:
    """Have Keras know `VAE`, so that it can load a file with one."""
    import_module("vae.model.keras_model")
