"""What the models make of what is drawn on a canvas: a visitor's way, from the canvas on.

    python -m benchmarks.drawings classic fast conv

prints for each model the share of 1,000 scribbles that it claims to be a digit with a confidence
above 0.9, before the ink check and after it. The scribbles are none that a model was trained on:
broken lines, curves, random walks, hatchings and several curves, 200 of each, with three pens.
"""

import argparse

import numpy as np
from PIL import Image, ImageDraw

from vae.data.preprocess import preprocess
from vae.model.weights import load

SIDE = 280
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
    """A line that goes smoothly by the points: quadratic Bézier arcs between their middles."""
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
    looks = [preprocess(scribble(i % 5, rng)) for i in range(options.scribbles)]
    x = np.stack([preprocess.x for preprocess in looks])
    passed = np.array([preprocess.objection is None for preprocess in looks])
    print(f"The ink check objects to {(~passed).mean():.1%} of {len(x)} scribbles.\n")
    print("| model | scribbles claimed above 0.9 | the same, after the ink check |\n|---|---|---|")
    for name in options.models:
        model = load(name)
        logits = np.concatenate([model.classify(part) for part in np.array_split(x, 10)])
        claimed = model.calibrated(logits).max(1) > CONFIDENT
        print(f"| {name} | {claimed.mean():.1%} | {(claimed & passed).mean():.1%} |")


if __name__ == "__main__":
    main()
