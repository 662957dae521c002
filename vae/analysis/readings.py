"""Two readings of a digit, the classifier's and that of the ten ELBOs, and how often each is right.

For the included models that was measured once on all test images (`benchmarks/readings.py`) and is
in `weights/readings.json`.
"""

import json
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae import settings
from vae.analysis.bounds import digit_elbos, digit_posterior, same_eps
from vae.data.mnist import EXAMPLE_COUNT, Examples, Floats
from vae.model.numpy_model import TrainedVAE
from vae.storage import atomic_write

FILE = settings.SHIPPED / "readings.json"

SAMPLES = 4
"""Of eps, for each ELBO. More of them, or other ones, change the accuracy by up to 1 %."""

Digits = NDArray[np.int64]


class Readings(NamedTuple):
    """How both readings do on a set of images.

    Attributes:
        images: how many.
        classifier, decoder: the accuracy of each, 0 to 1.
        differ: on how many images they give different digits.
        classifier_right, decoder_right: on how many of those each is right.
        where: the images on which they differ, of the first `EXAMPLE_COUNT`.
    """

    images: int
    classifier: float
    decoder: float
    differ: int
    classifier_right: int
    decoder_right: int
    where: tuple[int, ...]


def read(model: TrainedVAE, examples: Examples, samples: int = SAMPLES) -> Readings:
    """Read the digits of examples in both ways. Takes `samples` · 10 decodings for each."""
    return compare(answers(model, examples.x, samples), examples.y)


def answers(model: TrainedVAE, x: Floats, samples: int = SAMPLES) -> Digits:
    """The digits that classifier and decoder give for images (n, 784): → (2, n)."""
    elbos = digit_elbos(model, x, same_eps(samples, model.params.z_dim))
    return np.stack([model.classify(x).argmax(1), digit_posterior(elbos).argmax(1)])


def compare(digits: Digits, labels: ArrayLike) -> Readings:
    """How the digits that `answers` gave, (2, n), agree with the labels (n,)."""
    right = digits == np.asarray(labels)
    differ = digits[0] != digits[1]
    return Readings(
        len(differ),
        float(right[0].mean()),
        float(right[1].mean()),
        int(differ.sum()),
        int((differ & right[0]).sum()),
        int((differ & right[1]).sum()),
        tuple(np.flatnonzero(differ[:EXAMPLE_COUNT]).tolist()),
    )


def measured(model: TrainedVAE) -> Readings | None:
    """What was measured of an included model on the test set.

    None of another one, and if the file or the model's row in it is damaged.
    """
    try:
        row = _table()[_key(model)]
        return Readings(**row | {"where": tuple(map(int, row["where"]))})
    except (ValueError, TypeError, KeyError, AttributeError, OSError):
        return None


def write(model: TrainedVAE, readings: Readings) -> None:
    """Store what was measured of a model."""
    table = {**_table(), _key(model): readings._asdict()}
    text = ",\n".join(f" {json.dumps(key)}: {json.dumps(row)}" for key, row in table.items())
    atomic_write(FILE, f"{{\n{text}\n}}\n")


def _table() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    if FILE.exists():
        table = json.loads(FILE.read_text(encoding="utf-8"))
    return table


def _key(model: TrainedVAE) -> str:
    """Of the weights, so that a model trained again under the same name has another one."""
    return model.digest()[:16]
