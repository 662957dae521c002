"""Arrays of pixels → pictures."""

import io
import zlib
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from vae.data.mnist import CLASSES, SIDE


class Generator(Protocol):
    """Whatever draws a digit: `vae.VAE` or its NumPy twin."""

    def generate(self, digit: int, z: None = None) -> ArrayLike:
        """See `TrainedVAE.generate`."""


def grid(images: ArrayLike, scale: int = 1, gap: int = 0) -> NDArray[np.uint8]:
    """Images (rows, columns, 784) in [0, 1] as one picture, white on black.

    Args:
        scale: pixels of the picture a pixel of an image becomes, each way.
        gap: dark pixels of the picture between neighbours.

    Returns:
        (height, width) uint8.
    """
    images = np.asarray(images)
    rows, columns = images.shape[:2]
    tiles = np.round(np.clip(images, 0, 1) * 255).astype(np.uint8)
    tiles = tiles.reshape(rows, columns, SIDE, SIDE).repeat(scale, 2).repeat(scale, 3)
    pitch = SIDE * scale + gap
    picture = np.zeros((rows, pitch, columns, pitch), np.uint8)
    picture[:, : SIDE * scale, :, : SIDE * scale] = tiles.transpose(0, 2, 1, 3)
    return picture.reshape(rows * pitch, columns * pitch)[
        : rows * pitch - gap, : columns * pitch - gap
    ]


def to_png(picture: NDArray[np.uint8]) -> bytes:
    """A picture (height, width) or (height, width, 3) as a PNG file."""
    file = io.BytesIO()
    # Run lengths are found faster than repetitions, of which blurred digits have few.
    Image.fromarray(picture).save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    return file.getvalue()


def generate_digits(model: Generator) -> Image.Image:
    """The row 0 to 9 of the report's figure 5, every digit with a random z of its own."""
    row = [np.asarray(model.generate(digit))[0] for digit in range(CLASSES)]
    return Image.fromarray(grid([row], scale=3))
