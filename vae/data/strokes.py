"""A drawing as the strokes of a pen: as a picture, and as a short text for a link.

The text is base64, in the URL-safe alphabet, of zlib-compressed JSON: a list of strokes.
"""

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vae.data.mnist import Floats
from vae.errors import DrawingError

CANVAS_SIDE = 280
"""Pixels a side of the canvas; coordinates count these."""

PEN_WIDTH = 20
"""Width of the pen, in the same pixels."""

MAX_LENGTH = 2048
"""Characters of a packed drawing."""

MAX_POINTS = 5000
"""Points of a packed drawing: more than 40 s of scribbling."""

Point = tuple[int, int]
Stroke = list[Point]
"""The points x, y through which the pen went, at least one.

Between them the line is curved; at a point that stands there twice it has a corner. A stroke may
leave the canvas by up to `CANVAS_SIDE`.
"""

_LOW, _HIGH = -CANVAS_SIDE, 2 * CANVAS_SIDE
_MAX_JSON = 16 * MAX_POINTS
"""Bytes: a point takes up to 12 and a stroke three more."""

_SEGMENTS = 4
"""Straight lines that stand for the curve around a point."""

_OVERSAMPLING = 4
_RADIUS = _OVERSAMPLING * PEN_WIDTH / 2 - 0.5
"""Pillow counts the pixels of both edges."""


def pack(strokes: Sequence[Stroke]) -> str:
    """A drawing as text, at most `MAX_LENGTH` characters of A-Z, a-z, 0-9, - and _.

    If it is too long, every second, third, … point of each stroke is kept, and both ends.

    Raises:
        DrawingError: it has too many strokes, or more than `MAX_POINTS` points, for a link.
    """
    if sum(map(len, strokes)) > MAX_POINTS:
        raise DrawingError(f"The drawing has more than {MAX_POINTS:,} points, too many for a link.")
    step = 1
    while step <= max(map(len, strokes), default=1):
        thinned = [[*stroke[:-1:step], stroke[-1]] for stroke in strokes]
        content = zlib.compress(json.dumps(thinned, separators=(",", ":")).encode(), 9)
        text = base64.urlsafe_b64encode(content).decode().rstrip("=")
        if len(text) <= MAX_LENGTH:
            return text
        step += 1 + step // 4
    raise DrawingError("The drawing has too many strokes for a link.")


def unpack(text: str) -> list[Stroke]:
    """The strokes of a text that `pack` made.

    Raises:
        DrawingError: it is too long, incomplete, or not from `pack`.
    """
    if len(text) > MAX_LENGTH:
        raise DrawingError("The drawing in the link is too long.")
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, _MAX_JSON)
        if not unpacker.eof or unpacker.unused_data:
            raise ValueError("It is cut, too long, or followed by something else.")
        return _checked(json.loads(content))
    except (ValueError, TypeError, RecursionError, zlib.error) as error:
        raise DrawingError("The drawing in the link is damaged or incomplete.") from error


def clipped(x: float, y: float) -> Point:
    """A point in whole pixels, moved to where a stroke may be.

    Raises:
        ValueError, OverflowError: a coordinate is not finite.
    """
    return min(max(round(x), _LOW), _HIGH), min(max(round(y), _LOW), _HIGH)


def rasterize(strokes: Sequence[Stroke]) -> Floats:
    """The ink of each pixel of the canvas, (280, 280) float32 in [0, 1], drawn with a round pen."""
    side = _OVERSAMPLING * CANVAS_SIDE
    image = Image.new("L", (side, side))
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        line = _OVERSAMPLING * _line(stroke) - 0.5  # Pillow counts from the middle of a pixel.
        pen.line(line.ravel().tolist(), fill=255, width=round(2 * _RADIUS))
        for x, y in line:
            pen.ellipse((x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS), fill=255)
    return np.asarray(image.reduce(_OVERSAMPLING), np.float32) / np.float32(255)


def _checked(strokes: Any) -> list[Stroke]:
    """Strokes that were read from JSON; raises ValueError or TypeError if they are none."""
    points = [(x, y) for stroke in strokes for x, y in stroke]
    if not isinstance(strokes, list):
        raise ValueError("It is no list.")
    if not all(type(value) is int and _LOW <= value <= _HIGH for xy in points for value in xy):
        raise ValueError("A coordinate is no number, or far from the canvas.")
    if len(points) > MAX_POINTS or not all(strokes):
        raise ValueError("It has too many points, or a stroke has none.")
    return [[(x, y) for x, y in stroke] for stroke in strokes]


def _line(stroke: Stroke) -> NDArray[np.float64]:
    """Points (n, 2) whose straight connections look like the stroke."""
    points = np.array(stroke, np.float64)
    # As Fabric's brush: parabolas from middle to middle, whose control points are the points.
    middles = (points[:-1] + points[1:]) / 2
    starts = np.concatenate([points[:1], middles[:-1]]) if len(middles) else middles
    t = np.arange(1, _SEGMENTS + 1)[:, None, None] / _SEGMENTS
    curves = (1 - t) ** 2 * starts + 2 * t * (1 - t) * points[:-1] + t**2 * middles
    return np.concatenate([points[:1], curves.swapaxes(0, 1).reshape(-1, 2), points[-1:]])
