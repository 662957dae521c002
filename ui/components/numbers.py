"""Arrays as texts for the data of a component, which numbers.js reads."""

import base64

import numpy as np
from numpy.typing import ArrayLike


def encoded(array: ArrayLike) -> str:
    """Numbers of any shape: little-endian float32, base64; `decoded` in numbers.js reads them."""
    return base64.b64encode(np.asarray(array, "<f4").tobytes()).decode()


def encoded_grays(images: ArrayLike) -> str:
    """Pixels in [0, 1] of any shape: a byte each, base64; `decodedGrays` in numbers.js."""
    return base64.b64encode(np.rint(255 * np.asarray(images)).astype(np.uint8).tobytes()).decode()
