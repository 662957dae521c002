"""Generated digits with their labels as a file, in the form of MNIST's arrays."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae.data.mnist import CLASSES, SIDE, one_hot
from vae.errors import UsageError
from vae.images import grid
from vae.model.numpy_model import TrainedVAE, batches
from vae.storage import atomic_write

MAX_COUNT = 60_000
"""As many as MNIST has for training."""

MAX_SPREAD = 100
"""Far beyond what a decoder has seen; its numbers overflow somewhere beyond that."""


class Dataset(NamedTuple):
    """Generated images and their digits.

    Attributes:
        x: (n, 28, 28) uint8, white on black.
        y: (n,) uint8, 0 to 9.
    """

    x: NDArray[np.uint8]
    y: NDArray[np.uint8]

    def to_npz(self) -> bytes:
        """An NPZ file of `x` and `y`; the same arrays give the same bytes."""
        file = io.BytesIO()
        np.savez_compressed(file, x=self.x, y=self.y)
        return file.getvalue()

    def save(self, path: str | Path) -> None:
        """Write the file.

        Raises:
            OSError: if it cannot be written.
        """
        atomic_write(Path(path), self.to_npz())


def generate_dataset(
    model: TrainedVAE,
    count: int,
    seed: int = 0,
    digits: Sequence[int] = range(CLASSES),
    own: bool = False,
    spread: float = 1.0,
    progress: Callable[[int], object] | None = None,
) -> Dataset:
    """Images of the digits in turn, each from a random z of its own.

    The same arguments give the same images on the same machine, and a larger count only adds
    to them. An image is decoded with the digit that is its label. A model without labels decodes
    z alone; the label is then what its classifier reads in the image.

    Args:
        model: decodes them.
        count: how many images, 1 to `MAX_COUNT`.
        seed: of the random numbers.
        digits: which, at least one.
        own: whether z comes from each digit's own Gaussian instead of the prior N(0, I).
        spread: what the deviation of z from the mean is multiplied by, 0 to `MAX_SPREAD`.
        progress: called with the number of images of each part that is done.

    Raises:
        UsageError: if an argument has a value that it cannot have.
    """
    if not 1 <= count <= MAX_COUNT:
        raise UsageError(f"The number of images must be 1 to {MAX_COUNT}.")
    if not digits or not set(digits) <= set(range(CLASSES)):
        raise UsageError("The digits must be at least one of 0 to 9.")
    if seed < 0:
        raise UsageError("The seed must not be negative.")
    if not 0 <= spread <= MAX_SPREAD:  # As NaN is not.
        raise UsageError(f"The spread must be a number from 0 to {MAX_SPREAD}.")
    if own and not model.digit_gaussians:
        raise UsageError("The model has no Gaussians of the digits: z can only be of the prior.")
    x = np.empty((count, SIDE, SIDE), np.uint8)
    y = np.resize(np.asarray(digits, np.uint8), count)
    rng = np.random.default_rng(seed)
    for rows in batches(count):
        asked = y[rows]
        z = rng.standard_normal((len(asked), model.params.z_dim), np.float32)
        z *= np.float32(spread)
        if own and (gaussians := model.digit_gaussians):
            z = gaussians.mean[asked] + (z[:, None] @ gaussians.root[asked])[:, 0]
        images = model.decode(z, one_hot(asked))
        x[rows] = grid(images[:, None]).reshape(-1, SIDE, SIDE)
        if not model.labelled and not own:
            y[rows] = model.classify(images).argmax(1)
        if progress:
            progress(len(images))
    return Dataset(x, y)
