"""A drawing as a short text for a link: its strokes in the canvas' grid, packed.

The text is a version, "1", and base64 in the URL-safe alphabet of: for each stroke a number,
twice its count of points plus 1 if it is smooth, and its points, each as the difference to the
point before it; then two bytes of a checksum. Differences are zigzag coded, 0, -1, 1, -2 … → 0,
1, 2, 3 …, and all numbers have seven bits a byte, the lowest first, as in Protocol Buffers
("Base 128 varints").
"""

import base64
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vae.errors import DrawingError

CANVAS_SIDE = 280
"""Pixels a side of the canvas; coordinates count these."""

PEN_WIDTH = 20
"""Width of the pen, in the same pixels."""

MAX_LENGTH = 2048
"""Characters of a packed drawing."""

MAX_POINTS = 5000
"""Of a drawing that is packed: more than 40 s of scribbling; they take 0.3 s."""

_OUTSIDE = CANVAS_SIDE
"""A stroke may leave the canvas, by so much."""

_VERSION = "1"
_CHECKSUM = 2
_SEGMENTS = 4
"""Straight lines that stand for the curve around a point."""

_OVERSAMPLING = 3

Point = tuple[int, int]


class Stroke(NamedTuple):
    """One stroke of the pen.

    Attributes:
        points: x and y in the canvas' grid, at least one.
        smooth: whether the points are those through which the pen went, between which the line
            is curved, or the corners of a line of straight parts.
    """

    points: tuple[Point, ...]
    smooth: bool


def pack(strokes: Sequence[Stroke]) -> str:
    """A drawing as text, at most `MAX_LENGTH` characters of A-Z, a-z, 0-9, - and _.

    Points outside the canvas by more than its side are moved there. A drawing that is too long
    is simplified, no more than it must be; its strokes are then straight between their points.

    Raises:
        DrawingError: if it has too many strokes, or more than `MAX_POINTS` points, for a link.
    """
    if sum(len(stroke.points) for stroke in strokes) > MAX_POINTS:
        raise DrawingError(f"The drawing has more than {MAX_POINTS:,} points, too many for a link.")
    strokes = [_clipped(stroke) for stroke in strokes]
    if len(text := _encoded(strokes)) <= MAX_LENGTH:
        return text
    reaches = [_reaches(stroke.points) for stroke in strokes]
    tolerance = 0.5
    while tolerance <= CANVAS_SIDE:
        text = _encoded(
            Stroke(_beyond(tolerance, stroke.points, reach), False)
            for stroke, reach in zip(strokes, reaches, strict=True)
        )
        if len(text) <= MAX_LENGTH:
            return text
        tolerance *= 1.25
    raise DrawingError("The drawing has too many strokes for a link.")


def unpack(text: str) -> list[Stroke]:
    """The strokes of a text that `pack` made.

    Raises:
        DrawingError: if it is of another version, incomplete, or not from `pack`.
    """
    if len(text) > MAX_LENGTH:
        raise DrawingError("The drawing in the link is too long.")
    if text[:1] != _VERSION:
        raise DrawingError("The drawing in the link is of a kind that this version cannot read.")
    try:
        packed = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), b"-_", validate=True)
        content, checksum = packed[:-_CHECKSUM], packed[-_CHECKSUM:]
        if checksum != _checksum(content):
            raise ValueError("The checksum is another.")
        strokes = list(_decoded(iter(content)))
    except ValueError as error:
        raise DrawingError("The drawing in the link is damaged or incomplete.") from error
    if _encoded(strokes) != text:
        raise DrawingError("The drawing in the link is damaged or incomplete.")
    return strokes


def simplified(points: Sequence[Point], tolerance: float) -> tuple[Point, ...]:
    """Fewer points, of which the line through all stays within `tolerance`, in the grid's units.

    By Ramer 1972 and Douglas & Peucker 1973, with distances from the line segment.
    """
    return _beyond(tolerance, points, _reaches(points))


def rasterize(strokes: Iterable[Stroke]) -> NDArray[np.uint8]:
    """The canvas with these strokes: (280, 280) uint8, white on black, drawn with a round pen."""
    side, width = CANVAS_SIDE * _OVERSAMPLING, PEN_WIDTH * _OVERSAMPLING
    image = Image.new("L", (side, side))
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        line = _OVERSAMPLING * _line(stroke)
        pen.line(line.ravel().tolist(), fill=255, width=width)
        for x, y in line:
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return np.asarray(image.resize((CANVAS_SIDE, CANVAS_SIDE), Image.Resampling.BOX))


def _reaches(points: Sequence[Point]) -> NDArray[np.float64]:
    """The tolerance up to which `simplified` keeps each point: (n,), the ends always."""
    reaches = np.full(len(points), np.inf)
    parts = [(0, len(points) - 1)]
    array = np.asarray(points, np.float64)
    while parts:
        start, end = parts.pop()
        if end - start < 2:
            continue
        distances = _from_segment(array[start + 1 : end], array[start], array[end])
        middle = start + 1 + int(distances.argmax())
        # A part is divided only if both of its ends are kept.
        reaches[middle] = min(distances.max(), reaches[start], reaches[end])
        parts += [(start, middle), (middle, end)]
    return reaches


def _beyond(
    tolerance: float, points: Sequence[Point], reaches: NDArray[np.float64]
) -> tuple[Point, ...]:
    return tuple(points[i] for i in np.flatnonzero(reaches > tolerance).tolist())


def _line(stroke: Stroke) -> NDArray[np.float64]:
    """Points (n, 2) whose straight connections look like the stroke."""
    points = np.array(stroke.points, np.float64)
    if not stroke.smooth:
        return points
    # As Fabric's brush: parabolas from middle to middle, whose control points are the points.
    middles = (points[:-1] + points[1:]) / 2
    starts = np.concatenate([points[:1], middles[:-1]]) if len(middles) else middles
    t = np.arange(1, _SEGMENTS + 1)[:, None, None] / _SEGMENTS
    curves = (1 - t) ** 2 * starts + 2 * t * (1 - t) * points[:-1] + t**2 * middles
    return np.concatenate([points[:1], curves.swapaxes(0, 1).reshape(-1, 2), points[-1:]])


def _from_segment(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distances of points (n, 2) from a line segment: (n,)."""
    along = end - start
    length = float(along @ along)
    share = np.clip((points - start) @ along / length, 0, 1) if length else np.zeros(len(points))
    return np.hypot(*(points - start - share[:, None] * along).T)


def _clipped(stroke: Stroke) -> Stroke:
    low, high = -_OUTSIDE, CANVAS_SIDE + _OUTSIDE
    inside = [
        (min(max(round(x), low), high), min(max(round(y), low), high)) for x, y in stroke.points
    ]
    return Stroke(tuple(inside), stroke.smooth)


def _encoded(strokes: Iterable[Stroke]) -> str:
    content = bytearray()
    at = (0, 0)
    for points, smooth in strokes:
        _put(content, 2 * len(points) + smooth)
        for point in points:
            for before, now in zip(at, point, strict=True):
                difference = now - before
                _put(content, 2 * difference if difference >= 0 else -2 * difference - 1)
            at = point
    packed = bytes(content) + _checksum(bytes(content))
    return _VERSION + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _decoded(content: Iterator[int]) -> Iterator[Stroke]:
    at = (0, 0)
    while (first := next(content, None)) is not None:
        header = _take(content, first)
        if header < 2:
            raise ValueError("A stroke without points.")
        points = []
        for _ in range(header // 2):
            codes = _take(content, _next(content)), _take(content, _next(content))
            x, y = (code // 2 if code % 2 == 0 else -(code + 1) // 2 for code in codes)
            at = (at[0] + x, at[1] + y)
            if not all(-_OUTSIDE <= value <= CANVAS_SIDE + _OUTSIDE for value in at):
                raise ValueError("A point far from the canvas.")
            points.append(at)
        yield Stroke(tuple(points), bool(header % 2))


def _put(content: bytearray, number: int) -> None:
    while number > 0x7F:
        content.append(number & 0x7F | 0x80)
        number >>= 7
    content.append(number)


def _take(content: Iterator[int], byte: int) -> int:
    """A number whose first byte is `byte`."""
    number, shift = byte & 0x7F, 0
    while byte > 0x7F:
        byte, shift = _next(content), shift + 7
        number |= (byte & 0x7F) << shift
    return number


def _next(content: Iterator[int]) -> int:
    byte = next(content, None)
    if byte is None:
        raise ValueError("It ends in the middle.")
    return byte


def _checksum(content: bytes) -> bytes:
    return (zlib.crc32(content) & 0xFFFF).to_bytes(_CHECKSUM, "little")
