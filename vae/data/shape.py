"""How a digit is written, measured from its pixels: slant, weight and width."""

import numpy as np
from numpy.typing import NDArray

from vae.data.mnist import SIDE, Floats


def weight(x: Floats) -> Floats:
    """How many pixels are white, gray ones in part: (n, 784) → (n,)."""
    total: Floats = x.sum(1)
    return total


def slant(x: Floats) -> Floats:
    """How far a digit leans to the right, as the tangent of the angle: (n, 784) → (n,).

    -m11 / m02 of the central moments of the image: the shear that would make it upright.
    """
    _, m11, m02 = _moments(x)
    return -m11 / m02


def width(x: Floats) -> Floats:
    """The standard deviation of its pixels to the left and right, pixels: (n, 784) → (n,)."""
    m20, _, _ = _moments(x)
    return np.sqrt(m20)


def extremes(values: Floats, y: NDArray[np.int32], each: int) -> tuple[list[int], list[int]]:
    """The examples with the largest and those with the smallest values of each digit.

    So both groups have the same digits, and their difference is not that of two digits.

    Args:
        values: of the examples, (n,).
        y: their digits, (n,).
        each: how many examples of each digit.

    Returns:
        The positions of the largest and of the smallest, in ascending order.
    """
    largest: list[int] = []
    smallest: list[int] = []
    for digit in np.unique(y):
        rows = np.flatnonzero(y == digit)
        ordered = rows[np.argsort(values[rows], kind="stable")]
        smallest += ordered[:each].tolist()
        largest += ordered[-each:].tolist()
    return sorted(largest), sorted(smallest)


def _moments(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Central second moments m20, m11, m02 of images: (n, 784) → three of (n,).

    The first index is that of the direction to the right, the second that downwards. A blank
    image has moments of 1, 0 and 1.
    """
    down, right = (axis.ravel() for axis in np.indices((SIDE, SIDE), np.float32))
    total = x.sum(1)
    blank = total == 0
    share = x / np.where(blank, 1, total)[:, None]
    across = right - (share @ right)[:, None]
    below = down - (share @ down)[:, None]
    m20, m11, m02 = (
        (share * a * b).sum(1) for a, b in ((across, across), (across, below), (below, below))
    )
    return np.where(blank, 1, m20), m11, np.where(blank, 1, m02)
