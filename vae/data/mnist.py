"""MNIST, from the copy that comes with the project: images, digits and their sizes."""

import hashlib
import io
import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae import settings
from vae.errors import DataError

SIDE = 28
PIXELS = SIDE * SIDE
CLASSES = 10
TRAINING_SIZE, TEST_SIZE = 60_000, 10_000
EXAMPLE_COUNT = 500
"""Test images that pages show one by one: `first_test_examples`."""

ALIGNMENT = 64
"""Bytes: the address of a tensor's memory is a multiple of it (`kAllocatorAlignment`, tsl)."""

Floats = NDArray[np.float32]

SHA256 = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"


class Examples(NamedTuple):
    """Images and their digits.

    Attributes:
        x: (n, 784) float32 in [0, 1], the rows of each 28 × 28 image one after the other.
        y: (n,) int32, 0 to 9.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int32]

    def part(self, rows: slice) -> "Examples":
        """The examples of these rows."""
        return Examples(self.x[rows], self.y[rows])


class Images(NamedTuple):
    """Images and their digits as in the file, a quarter of the size of `Examples`.

    Attributes:
        x: (n, 784) uint8, 0 to 255, the rows of each 28 × 28 image one after the other.
        y: (n,) uint8, 0 to 9.
    """

    x: NDArray[np.uint8]
    y: NDArray[np.uint8]

    def examples(self, rows: slice = slice(None)) -> Examples:
        """These rows as what a model takes."""
        return Examples(_flatten(self.x[rows]), self.y[rows].astype(np.int32))


class Data(NamedTuple):
    """Training set and test set."""

    train: Examples
    test: Examples

    def split(self, held_out: int) -> tuple[Examples, Examples]:
        """The examples to train on and those to validate on.

        Args:
            held_out: how many of the training set, the last ones, are to validate on; with 0 the
                test set is, and is no longer unseen.
        """
        if not held_out:
            return self.train, self.test
        cut = max(0, len(self.train.x) - held_out)
        return self.train.part(slice(cut)), self.train.part(slice(cut, None))


def load_mnist() -> Data:
    """MNIST as `(x_train, y_train), (x_test, y_test)`: 60,000 and 10,000 examples.

    Raises:
        DataError: if the file is missing or is not byte for byte the one that ships.
    """
    with np.load(_checked_file()) as file:
        return Data(
            Examples(_flatten(file["x_train"]), file["y_train"].astype(np.int32)),
            Examples(_flatten(file["x_test"]), file["y_test"].astype(np.int32)),
        )


@cache
def mnist() -> Data:
    """`load_mnist()`, loaded once in a process and shared: do not change the arrays."""
    return load_mnist()


@cache
def first_test_examples() -> Examples:
    """The first `EXAMPLE_COUNT` test examples: without the rest, which takes 1.5 s and 220 MB.

    Raises:
        DataError: if they cannot be read.
    """
    return _read_test_images().examples(slice(EXAMPLE_COUNT))


@cache
def test_images() -> Images:
    """The 10,000 test images, 8 MB, read once in a process: do not change the arrays.

    Raises:
        DataError: if they cannot be read.
    """
    return _read_test_images()


def _read_test_images() -> Images:
    with np.load(_checked_file()) as file:
        return Images(file["x_test"].reshape(-1, PIXELS), file["y_test"])


def _checked_file() -> io.BytesIO:
    """The file, 11 MB; a damaged one would raise any of many errors when it is unpacked."""
    try:
        content = settings.MNIST.read_bytes()
    except OSError as error:
        raise DataError(f"MNIST cannot be read: {error.strerror} ({settings.MNIST}).") from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise DataError(f"{settings.MNIST} is damaged: its SHA-256 is not the expected one.")
    return io.BytesIO(content)


def one_hot(digits: ArrayLike) -> Floats:
    """Digits 0 to 9 → their one-hot vectors: (n,) → (n, 10) float32."""
    return np.eye(CLASSES, dtype=np.float32)[np.asarray(digits)]


def _flatten(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    images = images.reshape(-1, PIXELS)
    return np.divide(images, np.float32(255), out=_aligned(images.shape))


def _aligned(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """An array whose memory TensorFlow can use as it is, see `vae.training.shared`."""
    size = 4 * math.prod(shape)
    memory = np.empty(size + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + size].view(np.float32).reshape(shape)
