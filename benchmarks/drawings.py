"""How often models take a scribble on the canvas for a digit.

    python -m benchmarks.drawings classic fast conv

prints for each model the share of 1,000 scribbles that it classifies with a confidence above 0.9:
of all of them, and of those that `vae.data.preprocess` accepts as a digit. The scribbles are of
kinds that no model was trained on: broken lines, curves, random walks, hatchings and several
curves, 200 of each, in three pen widths.
"""

import argparse

import numpy as np
from PIL import Image, ImageDraw

from vae.data.preprocess import preprocess
from vae.model.registry import load

SIDE = 280
"""Pixels of the canvas, in width and height."""

CONFIDENT = 0.9


def on_canvas(lines: list[np.ndarray], pen: int) -> np.ndarray:
    """Lines of points (n, 2) drawn with a round pen: (280, 280) uint8."""
    image = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(image)
    for line in lines:
        draw.line(line.ravel().tolist(), fill=255, width=pen, joint="curve")
        for x, y in (line[0], line[-1]):
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return np.asarray(image)


def curved(points: np.ndarray) -> np.ndarray:
    """A smooth line along the points: quadratic Bézier arcs between the middles of their lines."""
    middles = (points[1:] + points[:-1]) / 2
    t = np.linspace(0, 1, 8)[:, None]
    arcs = [
        (1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end
        for start, corner, end in zip(middles[:-1], points[1:-1], middles[1:], strict=True)
    ]
    return np.concatenate([points[:1], *arcs, points[-1:]])


def scribble(kind: int, rng: np.random.Generator) -> np.ndarray:
    """A canvas with a scribble of one of five kinds."""

    def anywhere(low: int, high: int) -> np.ndarray:
        return rng.uniform(20, SIDE - 20, (rng.integers(low, high), 2))

    if kind == 0:
        lines = [anywhere(5, 16)]
    elif kind == 1:
        lines = [curved(anywhere(5, 15))]
    elif kind == 2:
        walk = rng.normal(0, 12, (rng.integers(60, 200), 2)).cumsum(0) + SIDE / 2
        lines = [walk.clip(10, SIDE - 10)]
    elif kind == 3:
        turns = rng.integers(6, 16)
        ends = np.stack([np.arange(turns) % 2, np.linspace(0, 1, turns)], 1) - 0.5
        ends = 180 * ends + rng.normal(0, 10, ends.shape)
        angle = rng.uniform(0, np.pi)
        cos, sin = np.cos(angle), np.sin(angle)
        lines = [ends @ np.array([[cos, -sin], [sin, cos]]) + SIDE / 2]
    else:
        lines = [curved(anywhere(3, 6)) for _ in range(rng.integers(3, 7))]
    return on_canvas(lines, int(rng.choice([12, 20, 28])))


def main() -> None:
    """Draw, measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", help="weights files, or names of models")
    parser.add_argument("--scribbles", type=int, default=1000)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    drawings = [preprocess(scribble(i % 5, rng)) for i in range(options.scribbles)]
    x = np.stack([drawing.x for drawing in drawings])
    accepted = np.array([drawing.objection is None for drawing in drawings])
    print(f"The preprocessing rejects {(~accepted).mean():.1%} of {len(x)} scribbles.\n")
    print("| model | confidence above 0.9 | and accepted by the preprocessing |\n|---|---|---|")
    for name in options.models:
        model = load(name)
        logits = np.concatenate([model.classify(part) for part in np.array_split(x, 10)])
        confident = model.calibrated(logits).max(1) > CONFIDENT
        print(f"| {name} | {confident.mean():.1%} | {(confident & accepted).mean():.1%} |")


if __name__ == "__main__":
    main()
