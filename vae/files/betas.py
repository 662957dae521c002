"""Models that differ in nothing but β, the weight of the KL divergence in the loss.

They show what β does: with a small one, or with none, every dimension of z is in use and the
samples are poor; the larger it is, the more dimensions stop carrying information, until the decoder
gets nothing but the digit and draws its average. `python -m benchmarks.betas --train` makes their
files.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from vae import settings
from vae.errors import WeightsError
from vae.files.weights import SUFFIX, load
from vae.model.numpy_model import TrainedVAE
from vae.params import Params

BETAS = (0.0, 0.05, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""In ascending order; 0 is an autoencoder, 1 the ELBO."""

INFORMATION = settings.SHIPPED / "beta" / "information.json"

_SHARED = Params(
    encoder_layers=(160,),
    decoder_layers=(160,),
    digit_classification_layers=(64,),
    activation="gelu",
    decoder_std=0.6,
    z_dim=10,
    encoder_sees_label=True,
    decoder_sees="label",
    epochs=10,
    batch_size=200,
    learning_rate=0.003,
    learning_rate_schedule="cosine",
)
"""Encoder and decoder get the label, so that collapse leaves the average image of each digit."""


def params(beta: float) -> Params:
    """The parameters of the model with that β."""
    return Params(**_SHARED.model_dump() | {"kl_weight": beta})


def path(beta: float) -> Path:
    """The file of the model with that β: not in the folder of weights, so in no list of models."""
    return settings.SHIPPED / "beta" / f"beta-{beta:g}{SUFFIX}"


def information() -> dict[float, float]:
    """Of each β, what z tells about which test image it is of, nats: a part of the KL divergence.

    Measured by `python -m benchmarks.betas --write`; empty if the file is missing or damaged.
    """
    try:
        table = json.loads(INFORMATION.read_bytes())
        return {float(beta): float(nats) for beta, nats in table.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def load_all(read: Callable[[Path], TrainedVAE] = load) -> dict[float, TrainedVAE]:
    """The model of each of `BETAS`, in that order: 10 MB in memory, for the caller to keep.

    A model whose file is missing or damaged is left out.

    Args:
        read: reads a file; raises `WeightsError` if that is impossible.
    """
    found = {}
    for beta in BETAS:
        with suppress(WeightsError):
            found[beta] = read(path(beta))
    return found
