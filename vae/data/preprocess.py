"""A drawing of any size, position and pen width → 28 × 28, the way MNIST was made.

MNIST's digits were scaled, keeping their proportions, to fit 20 × 20 pixels with
antialiasing, and shifted so that their centre of mass is the middle of a 28 × 28 image
(LeCun, Cortes & Burges, The MNIST database). A drawing is brought into that form, since the
model was trained on no other; its strokes are first made as wide as MNIST's.
"""

from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae.data.ink import MIN_INK, ink_of
from vae.data.mnist import SIDE, Floats
from vae.errors import EmptyDrawingError

BOX = 20
"""The longer side of a digit, pixels of the 28 × 28 image."""

PEN = 2.4
"""The mean stroke width of MNIST, in the same pixels, measured by `stroke_width`."""

CENTER = 14.5
"""x and y of the centre of mass, pixels: the middle of the pixel with index 14."""

MAX_DOT = 2.4
"""Widths of the pen: a drawing that is no longer is a dot."""

MAX_LINE = 3.5
"""Line length, as a multiple of the drawing's longer side, above which it is a scribble; an 8
has 3.
"""

MIN_GAP, MAX_WIDTH = 1.5, 1.1
"""Widths of the pen, and heights of the drawing: two digits have a wider gap or are wider."""

MAX_HOLES = 3
"""Enclosed spaces above which a drawing is a scribble; an 8 has 2."""

_MAX_SIDE = 320
"""Larger drawings are reduced to this many pixels a side: at 20 pixels there is no difference."""


class Preprocessed(NamedTuple):
    """A drawing as an image of MNIST's kind, and whether it can be a digit.

    Attributes:
        x: (784,) float32 in [0, 1], as from `to_mnist`.
        objection: why it cannot be one digit, as a sentence, or None if it can.
    """

    x: Floats
    objection: str | None


def to_mnist(image: NDArray[np.uint8]) -> Floats:
    """A drawing as an image of MNIST's kind: (784,) float32 in [0, 1], white on black.

    Args:
        image: (h, w), (h, w, 3) or (h, w, 4) uint8. Light strokes on dark or dark on light, or
            strokes of any colour on a transparent canvas. The paper may lie in a shadow.

    Raises:
        EmptyDrawingError: if nothing is drawn.
        ValueError: if `image` is of another shape or type.
    """
    return _framed(*_measured(ink_of(image)))


def preprocess(image: NDArray[np.uint8]) -> Preprocessed:
    """As `to_mnist`, and whether the drawing can be a digit.

    Raises:
        EmptyDrawingError, ValueError: as `to_mnist`.
    """
    return preprocess_ink(ink_of(image))


def preprocess_ink(ink: Floats) -> Preprocessed:
    """As `preprocess`, of the ink of each pixel: (h, w) float32 in [0, 1].

    Raises:
        EmptyDrawingError: if nothing is drawn.
    """
    measured = _measured(ink)
    return Preprocessed(_framed(*measured), _objection(*measured))


def _measured(ink: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """Which pixels of the drawing have ink, without the empty borders, and how far each of these
    is from its outline.
    """
    ink = _crop(ink)
    shrink = max(ink.shape) / _MAX_SIDE
    if shrink > 1:
        size = (max(1, round(ink.shape[1] / shrink)), max(1, round(ink.shape[0] / shrink)))
        ink = _crop(np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BOX)))
    inside = ink > 0.5 * ink.max()
    return inside, distance_to_outline(inside)


def _framed(inside: NDArray[np.bool_], distance: Floats) -> Floats:
    longest, pen = max(inside.shape), stroke_width(inside, distance)
    # Grown by g, the pen is pen + g wide and the drawing longest + g long: g makes their ratio
    # PEN / BOX. Thinned by more than half, thin places of a stroke would vanish. A single pixel
    # is measured as a pen of 2, which is more than its length.
    g = max((PEN * longest - BOX * pen) / (BOX - PEN), -0.5 * min(pen, longest))
    # Farther outside than this the grown strokes leave nothing.
    reach = max(1, ceil(1 + g / 2))
    outside = ~np.pad(inside, reach)
    signed = np.where(outside, -_distance(outside), np.pad(distance, reach))
    return place(np.clip(signed + g / 2 + 0.5, 0, 1), BOX / (longest + g)).ravel()


def _objection(inside: NDArray[np.bool_], distance: Floats) -> str | None:
    from scipy import ndimage

    longest, pen = max(inside.shape), stroke_width(inside, distance)
    if longest < MAX_DOT * pen:
        return "That is a dot. Draw the digit larger."
    if _two_side_by_side(inside, pen):
        return "These look like two digits. Draw one at a time."
    spaces, _ = ndimage.label(~np.pad(inside, 1))  # All around it is one of them.
    holes = (np.bincount(spaces.ravel())[1:] > 0.2 * pen**2).sum() - 1
    if inside.sum() > MAX_LINE * pen * longest or holes > MAX_HOLES:
        return "That is a scribble: there is more line in it than in a digit."
    return None


def _two_side_by_side(inside: NDArray[np.bool_], pen: float) -> bool:
    """Whether empty columns separate the drawing into two parts that are both tall. They must be
    wide, or the whole be wider than tall: an open 4 or a 0 of two strokes is one digit.
    """
    columns = np.flatnonzero(inside.any(0))
    gaps = np.diff(columns)
    gap, (height, width) = gaps.max(initial=1) - 1, inside.shape
    if not gap or (gap <= MIN_GAP * pen and width <= MAX_WIDTH * height):
        return False
    middle = columns[gaps.argmax()] + 1
    heights = [np.ptp(np.flatnonzero(half.any(1))) for half in np.split(inside, [middle], axis=1)]
    return bool(min(heights) > max(0.6 * max(heights), 2 * pen))


def distance_to_outline(inside: NDArray[np.bool_]) -> Floats:
    """How far the middle of each pixel inside is from the outline, pixels: (h, w) → (h, w).

    What lies around the array is outside. Pixels that are not inside have -0.5.
    """
    return _distance(np.pad(inside, 1))[1:-1, 1:-1]


def _distance(inside: NDArray[np.bool_]) -> Floats:
    """As `distance_to_outline`, but the outline is only where there are pixels on both sides."""
    # Imported on first use: SciPy takes a third of the start-up time of the app.
    from scipy import ndimage

    return (ndimage.distance_transform_edt(inside) - 0.5).astype(np.float32)


def stroke_width(inside: NDArray[np.bool_], distance: Floats) -> float:
    """The mean width of the strokes, pixels, from `distance_to_outline` of these pixels (h, w).

    Averaged over a long stroke, the distance to its outline is a quarter of its width.
    """
    return 4 * float(distance[inside].mean())


def _crop(ink: Floats) -> Floats:
    if ink.max() < MIN_INK:
        raise EmptyDrawingError("There is nothing on the canvas.")
    inside = ink > 0.5 * ink.max()
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def place(ink: Floats, scale: float) -> Floats:
    """Scale ink and shift its centre of mass to `CENTER`: (h, w) → (28, 28), both in [0, 1].

    Each new pixel is the mean of the area that it covers.
    """
    rows, columns = _overlaps(ink.sum(1), scale), _overlaps(ink.sum(0), scale)
    return np.clip(rows @ ink @ columns.T, 0, 1).astype(np.float32)


def _overlaps(mass: Floats, scale: float) -> NDArray[np.float64]:
    """The share that each old pixel has in each new one along an axis: (28, n).

    Args:
        mass: the sum of the ink at each of the n places.
        scale: new pixels to an old one.
    """
    places = np.arange(len(mass))
    center = (places + 0.5) @ mass / mass.sum()
    edges = center + (np.arange(SIDE + 1) - CENTER) / scale
    # Of each old pixel, the part before each edge.
    before = np.clip(edges[:, None] - places, 0, 1)
    return scale * np.diff(before, axis=0)
