"""Which pixels of a picture are ink: of a drawing, a scan or a photo of one digit."""

from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae.data.mnist import Floats
from vae.errors import EmptyDrawingError

MIN_INK = 0.15
"""Difference from the paper, 0 to 1, of the strongest pixel below which nothing is drawn."""

_FAR = (70, 25, 15)
"""Gray levels from the paper beyond which a pixel of the border is none of it: each time less."""

_STRONG, _WEAK = 0.5, 0.25
"""Shares of the strongest ink: all of more than the first is ink, none of less than the second."""

_SMALL = 64
"""Pixels: a smaller digit is enlarged, since a line of one pixel has no width to be measured."""

_LARGE = 1024
"""Pixels: a larger picture is reduced to about so many a side, which takes less time."""

_MARGIN = 2
_EIGHT = np.ones((3, 3))

Mask = NDArray[np.bool_]


def ink_of(image: NDArray[np.uint8]) -> Floats:
    """Where a picture has ink, 1, and where not, 0: an image as for `to_mnist` → (h, w) float32.

    It is a part of the picture, and a larger one of a small picture.

    Raises:
        EmptyDrawingError: if there is none.
        ValueError: if `image` is of a shape or type that `to_mnist` does not take.
    """
    ink = _intensity(image)
    if ink.max() < MIN_INK:
        raise EmptyDrawingError("There is nothing on the canvas.")
    mask = without_specks(_strokes(ink))
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    longest = max(np.ptp(rows), np.ptp(columns)) + 1
    if longest >= _SMALL:
        return mask.astype(np.float32)
    # The grays around the strokes tell where between two pixels their outlines are.
    from scipy import ndimage

    near = ndimage.binary_dilation(mask, _EIGHT, _MARGIN)
    part = tuple(slice(max(0, at[0] - _MARGIN), at[-1] + 1 + _MARGIN) for at in (rows, columns))
    small = Image.fromarray(np.where(near, ink, 0)[part])
    factor = ceil(_SMALL / longest)
    size = small.width * factor, small.height * factor
    large = np.asarray(small.resize(size, Image.Resampling.BICUBIC))
    return _strokes(large.clip(0)).astype(np.float32)


def _intensity(image: NDArray[np.uint8]) -> Floats:
    """The difference of each pixel from the paper, (h, w) float32 in [0, 1]."""
    if image.dtype != np.uint8 or not (
        image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (3, 4))
    ):
        raise ValueError(
            "A drawing is a uint8 array (h, w), (h, w, 3) or (h, w, 4), "
            f"not {image.dtype} {image.shape}."
        )
    if image.size == 0:
        raise EmptyDrawingError("There is nothing on the canvas.")
    if (factor := max(image.shape[:2]) // _LARGE) > 1:
        image = np.asarray(Image.fromarray(image).reduce(factor))
    gray = image.astype(float) if image.ndim == 2 else image[..., :3].astype(float).mean(-1)
    if image.ndim == 3 and image.shape[2] == 4:
        alpha = image[..., 3] / 255
        opaque = alpha > 0.5
        if opaque.mean() < 0.5:
            return alpha.astype(np.float32)
        gray = alpha * gray + (1 - alpha) * np.median(gray[opaque])
    paper = _paper(gray)
    lightest = float(np.mean(paper))
    difference = np.abs(gray - paper) / max(lightest, 255 - lightest)
    return difference.clip(0, 1).astype(np.float32)


def _paper(gray: NDArray[np.float64]) -> NDArray[np.float64] | float:
    """The gray levels of the paper: a plane through the pixels of the border without those that are
    far from it, since a shadow lies on one side; their median if most are far.
    """
    height, width = gray.shape
    border = np.zeros(gray.shape, bool)
    border[[0, -1]] = border[:, [0, -1]] = True
    down, right = np.nonzero(border)
    values = gray[border]
    median = float(np.median(values))
    terms = np.stack([np.ones(len(values)), right / width, down / height], 1)
    far = np.abs(values - median)
    plane = np.array([median, 0.0, 0.0])
    for limit in _FAR:
        near = far <= limit
        if near.sum() < max(8, len(values) / 2):
            return median
        plane = np.linalg.lstsq(terms[near], values[near], rcond=None)[0]
        far = np.abs(values - terms @ plane)
    rows, columns = np.indices(gray.shape)
    return np.asarray(plane[0] + plane[1] * columns / width + plane[2] * rows / height)


def _strokes(ink: Floats) -> Mask:
    """The pixels with ink: those above a threshold that hang together with a strong one, so that
    a line which fades is whole (Canny 1986, hysteresis).
    """
    from scipy import ndimage

    strongest = ink.max()
    threshold = min(_STRONG * strongest, max(_otsu(ink), _WEAK * strongest))
    labels, count = ndimage.label(ink > threshold, _EIGHT)
    strong = np.zeros(count + 1, bool)
    strong[labels[ink > _STRONG * strongest]] = True
    strong[0] = False
    return strong[labels]


def _otsu(ink: Floats) -> float:
    """The threshold that divides values best into two groups: Otsu 1979."""
    counts, edges = np.histogram(ink, 64, (0, ink.max()))
    middles = (edges[:-1] + edges[1:]) / 2
    below, mass = np.cumsum(counts)[:-1], np.cumsum(counts * middles)[:-1]
    total, all_mass = counts.sum(), (counts * middles).sum()
    between = (all_mass * below / total - mass) ** 2 / (below * (total - below)).clip(1)
    return float(edges[1:][between.argmax()])


def without_specks(mask: Mask) -> Mask:
    """Strokes without dirt and parts of a neighbour: small pieces, and pieces at the border of the
    picture, that lie more than a pen's width from the largest piece.
    """
    from scipy import ndimage

    labels, count = ndimage.label(mask, _EIGHT)
    if count < 2:
        return mask
    pieces = range(1, count + 1)
    areas = ndimage.sum_labels(mask, labels, pieces)
    largest = int(areas.argmax()) + 1
    inner = ndimage.distance_transform_edt(np.pad(labels == largest, 1))
    pen = 4 * (inner[inner > 0].mean() - 0.5)
    distances = ndimage.minimum(ndimage.distance_transform_edt(labels != largest), labels, pieces)
    height, width = mask.shape
    kept = np.zeros(count + 1, bool)
    for piece, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        area = areas[piece - 1]
        side = max(rows.stop - rows.start, columns.stop - columns.start)
        at_border = (
            min(rows.start, columns.start) == 0 or rows.stop == height or columns.stop == width
        )
        is_speck = area < 1.5 * pen**2 and side < 2 * pen
        is_neighbour = at_border and area < areas[largest - 1] / 4
        kept[piece] = distances[piece - 1] <= pen or not (is_speck or is_neighbour)
    return kept[labels]
