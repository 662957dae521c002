"""Snapshots of a model during its training: the same images and z every time, to be compared."""

import io
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from vae.analysis.latent import decode_grid, samples_of_digits
from vae.animation import animated
from vae.data.mnist import CLASSES, Examples
from vae.errors import RunError
from vae.images import DAMAGED_PNG, grid, to_png
from vae.model.numpy_model import TrainedVAE, softmax
from vae.runs import latent_points
from vae.runs.latent_points import LatentPoints

STYLES = 4
"""Rows of generated digits, each from one z."""

SCALE = 2
"""Width and height in the picture of an image's pixel."""

EARLY_STEPS = (10, 30, 100, 300)
"""After so many steps of the first epoch, in which a model changes most, there is a snapshot."""

NOW = "now.png"
"""The file of the snapshot of a training that is paused."""

_FRAME_MS, _LAST_MS = 250, 2000
_EPOCH = re.compile(r"(\d+)\.png")
_STEP = re.compile(r"step-(\d+)\.png")


class Snapshot(NamedTuple):
    """What a model drew at one moment of its training.

    Attributes:
        epoch: how many epochs were finished.
        step: how many steps of the next one were done.
        read: returns the PNG file; empty if it is damaged or gone, as of a run just deleted.
        points: returns where test images lie in the latent space; a RunError if nobody knows.
    """

    epoch: int
    step: int
    read: Callable[[], bytes]
    points: Callable[[], LatentPoints]

    @property
    def label(self) -> str:
        """When it was, in words: "after epoch 3"."""
        if self.step and not self.epoch:
            return f"after {self.step} steps"
        if self.step:
            return f"in epoch {self.epoch + 1}, step {self.step}"
        return f"after epoch {self.epoch}" if self.epoch else "before training"


def file_name(epoch: int, step: int = 0) -> str:
    """The name of a snapshot's file: of one after an epoch or, in the first epoch, a step."""
    return f"step-{step:05d}.png" if step else f"{epoch:04d}.png"


def in_folder(folder: Path) -> list[Snapshot]:
    """The snapshots in a folder, in the order of the training."""
    found = []
    for path in folder.glob("*.png"):
        if match := _EPOCH.fullmatch(path.name):
            found.append(from_file(path, int(match[1]), 0))
        elif match := _STEP.fullmatch(path.name):
            found.append(from_file(path, 0, int(match[1])))
    return sorted(found, key=lambda snapshot: snapshot[:2])


def from_file(path: Path, epoch: int, step: int) -> Snapshot:
    """The snapshot in a PNG file, with the points next to it."""
    points = partial(latent_points.read, path.with_suffix(latent_points.SUFFIX))
    return Snapshot(epoch, step, partial(_read_file, path), points)


def _read_file(path: Path) -> bytes:
    """The content of a snapshot's file; empty if there is none or it is damaged."""
    try:
        png = path.read_bytes()
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            image.verify()
    except DAMAGED_PNG:
        return b""
    return png


def render(model: TrainedVAE, test: Examples) -> bytes:
    """A snapshot as a PNG file of 2 + `STYLES` rows and ten columns, one for each digit.

    Rows from the top: the first test image of the digit, its reconstruction (z = mu), and the
    digit decoded from `STYLES` random z that are always the same; without labels, each image from
    a random z of its own.

    Args:
        test: examples among which every digit occurs.
    """
    x = test.x[[int((test.y == digit).argmax()) for digit in range(CLASSES)]]
    digit_prob = softmax(model.classify(x))
    mu, _ = model.encode(x, digit_prob)
    z = samples_of_digits(model, CLASSES, np.zeros(model.params.z_dim), STYLES, 1.0, seed=0)
    generated = decode_grid(model, range(CLASSES), z).transpose(1, 0, 2)
    return to_png(grid([x, model.decode(mu, digit_prob), *generated], scale=SCALE))


def animation(frames: Sequence[bytes]) -> bytes:
    """PNG files as an endless GIF: a quarter of a second each, the last 2 s.

    Args:
        frames: the files; empty ones are skipped (see `Snapshot.read`).

    Raises:
        RunError: if all are empty.
    """
    pictures = [Image.open(io.BytesIO(png)) for png in frames if png]
    if not pictures:
        raise RunError("None of the pictures can be read.")
    times = [_FRAME_MS] * (len(pictures) - 1) + [_LAST_MS]
    return animated(pictures, times, "GIF")
