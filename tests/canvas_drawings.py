"""Drawings as pictures, as strokes and as the canvas reports them."""

import numpy as np
from PIL import Image, ImageDraw

SEVEN = [[(70, 60), (200, 60), (130, 230)]]


def canvas(lines, size=(280, 280), pen=20, ink=255, paper=0):
    """A picture (h, w) of these lines."""
    image = Image.new("L", size, paper)
    draw = ImageDraw.Draw(image)
    for line in lines:
        draw.line(line, fill=ink, width=pen, joint="curve")
        for x, y in (line[0], line[-1]):
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=ink)
    return np.asarray(image)


def strokes(lines):
    """Lines as strokes: at a point that is there twice, the line has a corner."""
    return [[line[0], *(p for p in line[1:-1] for _ in range(2)), line[-1]] for line in lines]


def report(lines):
    """What the canvas component reports of these lines."""
    paths = [
        [["M", *stroke[0]], *(["Q", *point, *point] for point in stroke[:-1]), ["L", *stroke[-1]]]
        for stroke in strokes(lines)
    ]
    objects = [{"type": "Path", "path": path} for path in paths]
    return {"drawing": {"raw": {"objects": objects}, "data": None}, "backgroundFit": None}
