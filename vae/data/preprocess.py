"""A drawing of any size, place and pen → 28 × 28 the way MNIST was made.

MNIST's digits were scaled, keeping their proportions, to fit 20 × 20 pixels with
antialiasing, and placed so that their centre of mass is the middle of a 28 × 28 field
(LeCun, Cortes & Burges, The MNIST database). A model knows nothing else, so a drawing
gets the same treatment; its pen is brought to MNIST's width first.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae.data.mnist import SIDE, Floats
from vae.errors import EmptyDrawingError

BOX = 20
"""The longer side of a digit, pixels of the 28 × 28 field."""

PEN = 2.4
"""The mean stroke width of MNIST, in the same pixels, as `stroke_width` measures it."""

CENTER = 14.5
"""Where the centre of mass comes to lie: the middle of the pixel with index 14."""

MAX_DOT = 2.4
"""A drawing not longer than so many widths of its pen is a dot."""

MAX_LINE = 3.5
"""A line so many times longer than the drawing is a scribble; an 8's is 3."""

MAX_HOLES = 3
"""With more enclosed spaces it is a scribble; an 8 has 2."""

_MIN_INK = 0.15
_MAX_SIDE = 320
"""Drawings are reduced to this many pixels a side: sharper ones look no different at 20."""


class Preprocessed(NamedTuple):
    """A drawing, looked at.

    x: (784,) float32, as of `to_mnist`.
    objection: why it cannot be one digit, in a sentence, or None.
    """

    x: Floats
    objection: str | None


def to_mnist(image: NDArray[np.uint8]) -> Floats:
    """A drawing as an image of MNIST's kind: (784,) float32 in [0, 1], white on black.

    Args:
        image: (h, w), (h, w, 3) or (h, w, 4) uint8. Light ink on dark or dark on light, or
            ink of any colour on a transparent canvas.

    Raises:
        EmptyDrawingError: if nothing is drawn.
        ValueError: if `image` is of another shape or type.
    """
    _, distance, longest, pen = _measured(image)
    return _framed(distance, longest, pen)


def preprocess(image: NDArray[np.uint8]) -> Preprocessed:
    """As `to_mnist`, and whether the drawing may be a digit at all."""
    inside, distance, longest, pen = _measured(image)
    return Preprocessed(_framed(distance, longest, pen), _objection(inside, longest, pen))


def _measured(image: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], Floats, int, float]:
    """Where the ink is, its signed distance, the drawing's longer side and its pen, pixels."""
    ink = _crop(intensity(image))
    shrink = max(ink.shape) / _MAX_SIDE
    if shrink > 1:
        size = (max(1, round(ink.shape[1] / shrink)), max(1, round(ink.shape[0] / shrink)))
        ink = _crop(np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BOX)))
    inside = np.pad(ink > 0.5 * ink.max(), max(ink.shape) // 4 + 2)
    distance = signed_distance(inside)
    return inside, distance, max(ink.shape), stroke_width(distance)


def _framed(distance: Floats, longest: int, pen: float) -> Floats:
    # After growing by g the pen is pen + g wide and the drawing longest + g long; the g that
    # makes their ratio PEN / BOX. Never thinned by more than half: that would tear it.
    g = max((PEN * longest - BOX * pen) / (BOX - PEN), -0.5 * pen)
    return place(np.clip(distance + g / 2 + 0.5, 0, 1), BOX / (longest + g)).ravel()


def _objection(inside: NDArray[np.bool_], longest: int, pen: float) -> str | None:
    from scipy import ndimage

    if longest < MAX_DOT * pen:
        return "That is a dot. Draw the digit larger."
    if _two_side_by_side(inside, pen):
        return "These look like two digits. Draw one at a time."
    spaces, _ = ndimage.label(~inside)
    holes = (np.bincount(spaces.ravel())[1:] > 0.2 * pen**2).sum() - 1
    if inside.sum() > MAX_LINE * pen * longest or holes > MAX_HOLES:
        return "That is a scribble: there is more line in it than in a digit."
    return None


def _two_side_by_side(inside: NDArray[np.bool_], pen: float) -> bool:
    """Whether an empty column parts the drawing into two that are both high."""
    columns = np.flatnonzero(inside.any(0))
    gaps = np.diff(columns)
    if gaps.max(initial=1) == 1:
        return False
    middle = columns[gaps.argmax()] + 1
    heights = [np.ptp(np.flatnonzero(half.any(1))) for half in np.split(inside, [middle], axis=1)]
    return bool(min(heights) > max(0.6 * max(heights), 2 * pen))


def intensity(image: NDArray[np.uint8]) -> Floats:
    """How much ink each pixel has: (h, w) float32 in [0, 1], 0 the background.

    Raises:
        ValueError: if `image` is not of a shape and type that `to_mnist` takes.
    """
    if image.dtype != np.uint8 or not (
        image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (3, 4))
    ):
        raise ValueError(
            "A drawing is a uint8 array (h, w), (h, w, 3) or (h, w, 4), "
            f"not {image.dtype} {image.shape}."
        )
    if image.size == 0:
        raise EmptyDrawingError("There is nothing on the canvas.")
    if image.ndim == 3 and image.shape[2] == 4 and image[..., 3].min() == 0:
        return image[..., 3].astype(np.float32) / np.float32(255)
    gray = image[..., :3].mean(-1) if image.ndim == 3 else image.astype(np.float64)
    paper = np.median(np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]]))
    return (np.abs(gray - paper) / max(paper, 255 - paper)).astype(np.float32)


def signed_distance(inside: NDArray[np.bool_]) -> Floats:
    """Distance of each pixel's middle to the outline, pixels: positive inside the ink."""
    # Imported on first use: SciPy would be a third of the start-up time of the app.
    from scipy import ndimage

    within = ndimage.distance_transform_edt(inside) - 0.5
    outside = ndimage.distance_transform_edt(~inside) - 0.5
    return np.where(inside, within, -outside).astype(np.float32)


def stroke_width(distance: Floats) -> float:
    """The mean width of the pen, pixels: across a long stroke, the mean distance to the
    outline is a quarter of its width.
    """
    return 4 * float(distance[distance > 0].mean())


def _crop(ink: Floats) -> Floats:
    if ink.max() < _MIN_INK:
        raise EmptyDrawingError("There is nothing on the canvas.")
    inside = ink > 0.5 * ink.max()
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def place(ink: Floats, scale: float) -> Floats:
    """Scale ink (h, w) in [0, 1] and put its centre of mass at `CENTER`: (28, 28), in one
    antialiased resampling.
    """
    field = SIDE / scale
    rows, columns = ink.sum(1), ink.sum(0)
    y, x = (
        (np.arange(len(mass)) + 0.5) @ mass / mass.sum() - CENTER / scale
        for mass in (rows, columns)
    )
    margin = int(np.ceil(field))
    box = (x + margin, y + margin, x + margin + field, y + margin + field)
    padded = Image.fromarray(np.pad(ink, margin))
    placed = padded.resize((SIDE, SIDE), Image.Resampling.BOX, box=box)
    return np.clip(np.asarray(placed, np.float32), 0, 1)
