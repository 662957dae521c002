"""Images (784,) → grids, PNG files and Pillow images."""

import io
import struct
import zlib
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from vae.data.mnist import CLASSES, SIDE

DAMAGED_PNG = (
    *(OSError, EOFError, SyntaxError, TypeError, ValueError, LookupError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)
"""What Pillow raises for a PNG file that is damaged or forged."""


class Generator(Protocol):
    """A model that generates digits: `vae.VAE` or `vae.TrainedVAE`."""

    def generate(self, digit: int, z: None = None) -> ArrayLike:
        """See `TrainedVAE.generate`."""


def grid(images: ArrayLike, scale: int = 1, gap: int = 0) -> NDArray[np.uint8]:
    """Images side by side in one picture: (rows, columns, 784) in [0, 1] → (height, width) uint8.

    Args:
        scale: width and height in the picture of an image's pixel.
        gap: black pixels of the picture between two images.
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
    """A picture (height, width) or (height, width, 3) uint8 as the content of a PNG file."""
    file = io.BytesIO()
    # Only run lengths: other repetitions are rare in blurred digits and slow to search for.
    Image.fromarray(picture).save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    return file.getvalue()


def generate_digits(model: Generator) -> Image.Image:
    """The digits 0 to 9 in a row, each from its own random z: figure 5 of the lab report."""
    row = [np.asarray(model.generate(digit))[0] for digit in range(CLASSES)]
    return Image.fromarray(grid([row], scale=3))
