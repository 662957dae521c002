"""Two readings of a digit, the classifier's and that of the ten ELBOs, and how often each is right.

For the included models that was measured once on all test images (`benchmarks/readings.py`) and is
in `weights/readings.json`.
"""

import hashlib
import json
from typing import Any, NamedTuple

import numpy as np

from vae import settings
from vae.data.mnist import FEW, Examples
from vae.model.bounds import digit_elbos, digit_posterior, same_eps
from vae.model.numpy_model import TrainedVAE
from vae.storage import atomic_write

FILE = settings.SHIPPED / "readings.json"

SAMPLES = 4
"""Of eps, for each ELBO. With 16 the accuracy on the first 1,000 test images differs by 0.1 %."""


class Readings(NamedTuple):
    """How both readings do on a set of images.

    Attributes:
        images: how many.
        classifier, decoder: the accuracy of each, 0 to 1.
        differ: on how many images they give different digits.
        classifier_right, decoder_right: on how many of those each is right.
        where: the images on which they differ, of the first `FEW`.
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
    eps = same_eps(samples, model.params.z_dim)
    decoder = digit_posterior(digit_elbos(model, examples.x, eps)).argmax(1)
    classifier = model.classify(examples.x).argmax(1)
    differ = decoder != classifier
    return Readings(
        len(examples.x),
        float((classifier == examples.y).mean()),
        float((decoder == examples.y).mean()),
        int(differ.sum()),
        int((differ & (classifier == examples.y)).sum()),
        int((differ & (decoder == examples.y)).sum()),
        tuple(np.flatnonzero(differ[:FEW]).tolist()),
    )


def measured(model: TrainedVAE) -> Readings | None:
    """What was measured of an included model on the test set; None of another one."""
    row = _table().get(_digest(model))
    return Readings(**row)._replace(where=tuple(row["where"])) if row else None


def write(model: TrainedVAE, readings: Readings) -> None:
    """Store what was measured of a model."""
    table = {**_table(), _digest(model): readings._asdict()}
    text = ",\n".join(f" {json.dumps(key)}: {json.dumps(row)}" for key, row in table.items())
    atomic_write(FILE, f"{{\n{text}\n}}\n")


def _table() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    if FILE.exists():
        table = json.loads(FILE.read_text(encoding="utf-8"))
    return table


def _digest(model: TrainedVAE) -> str:
    """Of the weights, so that a model of the same name trained anew is another one."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.tensors.items()):
        digest.update(name.encode() + tensor.tobytes())
    return digest.hexdigest()[:16]
