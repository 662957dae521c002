"""Images and digits as people have them, as the models take them.

Keras gives MNIST as uint8 images (n, 28, 28); others have numbers from 0 to 1, labels as one-hot
vectors or columns. What is no image and no digit is refused in a sentence.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae.data.mnist import CLASSES, PIXELS, SIDE, Data, Examples
from vae.errors import UsageError

_SHAPES = ((SIDE, SIDE), (SIDE, SIDE, 1), (PIXELS,))
_CLOSE = 1e-4
"""By so much pixels may miss [0, 1], as rounding has them."""


def as_images(images: ArrayLike) -> NDArray[np.float32]:
    """Images as (n, 784) float32 in [0, 1].

    Args:
        images: (n, 784), (n, 28, 28) or (n, 28, 28, 1); uint8 of 0 to 255, or other numbers of
            0 to 1. White on black, as in MNIST.

    Raises:
        UsageError: if they are not.
    """
    x = _array(images, "Images")
    if x.ndim < 2 or x.shape[1:] not in _SHAPES:
        raise UsageError(f"Images must be (n, {PIXELS}) or (n, {SIDE}, {SIDE}), not {x.shape}.")
    is_bytes = x.dtype == np.uint8
    x = x.reshape(-1, PIXELS).astype(np.float32, copy=False)
    if is_bytes:
        return np.divide(x, np.float32(255), dtype=np.float32)
    if not np.isfinite(x).all():
        raise UsageError("Pixels must be numbers; some are NaN or infinite.")
    if len(x) and (x.min() < -_CLOSE or x.max() > 1 + _CLOSE):
        low, high = x.min(), x.max()
        raise UsageError(f"Pixels must be from 0 to 1, or uint8; these are {low:g} to {high:g}.")
    return x


def as_image(image: ArrayLike) -> NDArray[np.float32]:
    """One image, (784,) or (28, 28), as (784,) float32 in [0, 1].

    Raises:
        UsageError: as `as_images`.
    """
    x = _array(image, "An image")
    if x.shape not in _SHAPES:
        raise UsageError(f"An image must be ({PIXELS},) or ({SIDE}, {SIDE}), not {x.shape}.")
    return as_images(x[None])[0]


def as_digits(digits: ArrayLike) -> NDArray[np.int32]:
    """Digits as (n,) int32.

    Args:
        digits: (n,) or (n, 1), whole numbers of 0 to 9 of any type; or one-hot, (n, 10).

    Raises:
        UsageError: if they are not.
    """
    y = _array(digits, "Labels")
    if y.ndim == 2 and y.shape[1] == CLASSES:
        if not (((y == 0) | (y == 1)).all() and (y.sum(1) == 1).all()):
            raise UsageError("Labels of ten columns must be one-hot: a single 1, else 0.")
        y = y.argmax(1)
    if y.ndim not in (1, 2) or (y.ndim == 2 and y.shape[1] != 1):
        raise UsageError(f"Labels must be (n,), (n, 1) or one-hot, (n, {CLASSES}), not {y.shape}.")
    y = y.ravel()
    if not np.isin(y, np.arange(CLASSES)).all():
        raise UsageError("Labels must be the digits 0 to 9.")
    return y.astype(np.int32)


def check_z(shape: Sequence[int | None], z_dim: int) -> None:
    """Refuse z that are not (n, z_dim).

    Raises:
        UsageError: if they are not.
    """
    if len(shape) != 2 or shape[1] != z_dim:
        raise UsageError(f"z must be (n, {z_dim}), not {tuple(shape)}.")


def as_examples(examples: Any) -> Examples:
    """A pair of images and digits as `Examples`; see `as_images` and `as_digits`.

    Raises:
        UsageError: as those; also if there are more images than digits, or fewer.
    """
    try:
        images, digits = examples
    except (TypeError, ValueError):
        raise UsageError("Examples must be a pair: images and their digits.") from None
    x, y = as_images(images), as_digits(digits)
    if len(x) != len(y):
        raise UsageError(f"There are {len(x):,} images and {len(y):,} labels.")
    return Examples(x, y)


def as_data(data: Any) -> Data:
    """Training set and test set as `Data`, each as in `as_examples`.

    Raises:
        UsageError: as `as_examples`.
    """
    try:
        train, test = data
    except (TypeError, ValueError):
        raise UsageError("Data must be a pair: a training set and a test set.") from None
    return Data(as_examples(train), as_examples(test))


def _array(values: ArrayLike, what: str) -> NDArray[Any]:
    try:
        array = np.asarray(values)
        if array.dtype.kind in "biuf":
            return array
    except ValueError:  # Rows of unequal length.
        pass
    raise UsageError(f"{what} must be an array of numbers.")
