"""Synthetic digits: drawn by program, in handwriting styles that are rare in MNIST.

MNIST was written in the United States. Elsewhere a 1 has a long flag, a 7 a bar, a 9 a hook,
and a 4 is open at the top. Each entry of `SHAPES` is one way to write a digit. A synthetic
digit is one of them with its points moved at random, slanted and stretched, drawn with a round
pen of MNIST's width and placed as `vae.data.preprocess` places a drawing.

Some are scribbles. A classifier that was trained on digits only is sure of a digit whatever it
gets; trained on some scribbles with all digits equally likely, it is not (Hendrycks, Mazeika &
Dietterich, Deep Anomaly Detection with Outlier Exposure, 2019).
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vae.data.mnist import CLASSES, Floats, one_hot
from vae.data.preprocess import BOX, PEN, place

SHAPES: dict[int, list[str]] = {
    0: [
        "50,0 18,22 12,60 40,98 74,85 88,45 72,8 48,1",
        "62,6 30,4 8,45 30,96 70,92 92,50 60,6 40,0",
    ],
    1: [
        "50,0 50,100",
        "25,25 52,0! 52,100",
        "5,48 55,0! 55,100",
        "0,62 30,38 58,0! 55,100",
        "12,40 55,0! 52,100! / 25,100 80,100",
        "0,50 90,0! 62,100",
    ],
    2: [
        "12,25 38,0 78,12 72,42 10,100! 92,98",
        "8,20 45,0 82,25 55,65 15,95 10,85 35,82 60,96 95,92",
        "15,8 60,0 82,25 50,68 5,100! 90,100",
    ],
    3: [
        "15,12 50,0 82,20 42,46! 85,62 75,92 40,100 8,88",
        "12,2 85,0! 40,42! 85,60 72,95 30,100 5,86",
        "20,8 62,0 78,28 38,48 82,66 60,98 10,92",
    ],
    4: [
        "35,0 8,62! 92,60 / 68,30 64,100",
        "20,0 12,52! 85,50 / 80,2 74,100",
        "28,0 15,45 40,58 82,46 / 84,0 80,50 72,100",
        "45,0 2,68! 96,66 / 62,38 58,100",
        "70,100 70,0! 5,65! 95,65",
        "30,0 22,55! 95,52 / 72,18 66,100",
        "38,0 14,48 18,66 78,58 / 72,36 56,100",
        "42,0 22,60! 72,62 / 66,44 54,100",
        "45,4 12,44 16,64 95,60 / 62,30 58,100",
    ],
    5: [
        "88,0 28,2! 20,45! 60,36 90,66 62,98 8,90",
        "25,3 20,45! 62,38 88,70 52,100 8,88 / 25,3 88,0",
        "80,2 30,0! 24,40! 70,48 78,82 40,100 10,92",
    ],
    6: [
        "68,0 30,32 12,72 42,100 80,82 66,56 34,58 14,78",
        "55,0 18,50 20,90 60,100 82,72 55,52 20,72",
    ],
    7: [
        "5,4 92,2! 42,100",
        "5,5 90,2! 40,100! / 28,50 80,48",
        "8,22 10,3! 88,2! 62,45 45,100! / 30,52 82,50",
        "2,10 30,4 92,4! 55,50 42,100! / 22,58 85,44",
        "10,25 12,4! 90,4! 60,48 48,100",
        "8,16 16,2 84,4! 58,60 44,100 / 28,64 86,60",
        "4,16 30,2 78,2 74,40 52,100 / 30,66 84,62",
    ],
    8: [
        "72,10 40,0 20,22 50,48 82,74 50,100 16,78 45,50 80,22 66,6",
        "50,48 22,26 48,0 78,22 50,48 18,76 50,100 84,74 50,48",
    ],
    9: [
        "80,22 48,0 16,26 42,50 78,26! 80,65 52,100 12,90",
        "84,12 50,0 18,24 38,50 80,20! 82,72 60,100 28,98 8,80",
        "78,20 45,0 18,28 45,48 78,22! 72,100",
        "76,24 42,2 15,30 44,52 80,18 78,60 50,96 5,98",
        "76,18 46,0 20,20 44,42 76,20! 80,70 64,97 4,98",
        "62,14 46,2 34,16 50,28 66,12! 70,58 48,94 4,90",
        "70,16 42,0 24,20 48,36 72,14 62,50 76,76 56,98 6,96",
    ],
}
"""Ways to write each digit. Strokes are separated by "/"; a stroke is a smooth line through
points x,y in a square with sides of 100, y pointing down; "!" makes a point a corner.
"""

SCRIBBLE_RATIO = 0.2
"""Share of the synthetic digits that are scribbles."""

_OVERSAMPLING = 4
"""Pixels that are drawn for each pixel of the result, in width and in height."""

JITTER, STRONG_JITTER = 3.5, 7.5
"""Standard deviation of a point's random shift, in units of `SHAPES`; in training and for
calibration.
"""

_SEGMENTS = 6
"""Straight lines that stand for the curve between two points."""


def synthetic_digits(count: int, seed: int) -> tuple[Floats, Floats]:
    """Synthetic digits, as many of each, and a share `SCRIBBLE_RATIO` of scribbles, shuffled.

    Args:
        count: how many images, at least 1.
        seed: same seed, same images.

    Returns:
        images (count, 784) in [0, 1], and the digit probabilities (count, 10) that a classifier
        should learn: 1 for the digit, 0.1 for each digit if it is a scribble.
    """
    rng = np.random.default_rng([seed, 1])
    digits = np.arange(count) % CLASSES
    digits[: round(SCRIBBLE_RATIO * count)] = -1
    digits = rng.permutation(digits)
    x = np.stack([scribble(rng) if d < 0 else draw_digit(int(d), rng) for d in digits])
    return x, np.where(digits[:, None] < 0, np.float32(1 / CLASSES), one_hot(digits))


def scribble(rng: np.random.Generator) -> Floats:
    """An image (784,) of one to three random lines."""
    strokes = rng.integers(1, 4)
    lines = []
    for _ in range(strokes):
        points = rng.normal(0, 1, (rng.integers(3, 7) + 8 // strokes, 2))
        if rng.random() < 0.3:  # A random walk.
            points = points.cumsum(0)
        if rng.random() < 0.3:  # A zigzag.
            points = np.sort(points, 0)
            points[::2, 0] *= -1
        lines.append(_smooth(points, [bool(rng.random() < 0.3)] * len(points)))
    return _render(lines)


def draw_digit(digit: int, rng: np.random.Generator, jitter: float = JITTER) -> Floats:
    """An image (784,) of the digit, in one of its shapes.

    Args:
        jitter: standard deviation of each point's random shift, in units of `SHAPES`.
    """
    shape = SHAPES[digit][rng.integers(len(SHAPES[digit]))]
    angle, slant = rng.normal(0, 0.09), rng.normal(-0.1, 0.22)
    wide, high = np.exp(rng.normal([-0.3, 0.0], 0.2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.array([[wide, slant], [0, high]])
    lines = []
    for stroke in shape.split("/"):
        words = stroke.split()
        points = np.array([word.rstrip("!").split(",") for word in words], np.float64)
        points = (points + rng.normal(0, jitter, points.shape)) @ linear.T
        lines.append(_smooth(points, [word.endswith("!") for word in words]))
    return _render(lines)


def _render(lines: list[NDArray[np.float64]]) -> Floats:
    everything = np.concatenate(lines)
    low, high = everything.min(0), everything.max(0)
    side, width = BOX * _OVERSAMPLING, round(PEN * _OVERSAMPLING)
    scale = (side - width) / (high - low).max()
    image = Image.new("L", (side, side))
    pen = ImageDraw.Draw(image)
    for line in lines:
        points = (line - (low + high) / 2) * scale + side / 2
        pen.line(points.ravel().tolist(), fill=255, width=width, joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return place(np.asarray(image, np.float32) / np.float32(255), 1 / _OVERSAMPLING).ravel()


def _smooth(points: NDArray[np.float64], corners: list[bool]) -> NDArray[np.float64]:
    """A Catmull-Rom spline through the points (n, 2), interrupted at the corners."""
    t = np.linspace(0, 1, _SEGMENTS, endpoint=False)[:, None]
    parts = []
    for i in range(len(points) - 1):
        a, b = points[i], points[i + 1]
        before = a if i == 0 or corners[i] else points[i - 1]
        after = b if i + 2 == len(points) or corners[i + 1] else points[i + 2]
        start, end = (b - before) / 2, (after - a) / 2
        parts.append(
            a
            + t * start
            + t**2 * (3 * (b - a) - 2 * start - end)
            + t**3 * (2 * (a - b) + start + end)
        )
    return np.concatenate([*parts, points[-1:]])
