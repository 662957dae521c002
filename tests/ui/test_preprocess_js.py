"""The browser's preparation of a drawing gives what that of Python gives."""

import node
import numpy as np
import pytest
from canvas_drawings import SEVEN, strokes

from vae.data.preprocess import preprocess_ink
from vae.data.strokes import CANVAS_SIDE, rasterize
from vae.errors import EmptyDrawingError

TO_MNIST = """
const count = ink.length / (side * side)
return Array.from({ length: count }, (_, i) =>
  module.toMnist(ink.subarray(i * side * side, (i + 1) * side * side), side))
"""


def written_by_hand():
    """A 2 with a loop, a crossed 7 and a 5 in two strokes, small and large."""
    two = [(96, 92), (110, 70), (140, 62), (163, 80), (158, 110), (126, 150), (96, 186)]
    two += [(92, 203), (108, 207), (116, 190), (104, 184), (140, 200), (186, 204)]
    seven = [[(80, 74), (120, 70), (188, 66), (160, 128), (138, 214)], [(104, 140), (186, 134)]]
    five = [[(104, 62), (98, 124), (140, 112), (176, 140), (166, 190), (116, 208), (84, 190)]]
    five += [[(104, 62), (182, 56)]]
    small = [[(x // 3 + 20, y // 3 + 150) for x, y in stroke] for stroke in five]
    return [[two], seven, five, small]


def walks(count):
    """Random strokes of up to 40 points, some of which leave the canvas."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        drawn = []
        for _ in range(rng.integers(1, 4)):
            steps = rng.normal(0, rng.uniform(2, 30), (rng.integers(1, 40), 2))
            points = rng.uniform(0, CANVAS_SIDE, 2) + steps.cumsum(0)
            drawn.append(list(map(tuple, points.round().astype(int).tolist())))
        yield drawn


def faint(strength):
    """A seven of a paler ink."""
    return np.float32(strength) * rasterize(strokes(SEVEN))


def test_the_browser_sees_what_python_sees_to_two_of_255():
    drawings = [strokes(SEVEN), [[(140, 140)]], [[(0, 0), (280, 280)], [(280, 0), (0, 280)]]]
    drawings += [[[(2, 2)], [(278, 278)]], *written_by_hand(), *walks(40)]
    inks = [*map(rasterize, drawings), faint(0.4), np.eye(CANVAS_SIDE, dtype=np.float32)]
    expected = np.stack([preprocess_ink(ink).x for ink in inks])
    seen = node.run(
        "draw/preprocess.js", TO_MNIST, ink=np.concatenate(inks).ravel(), side=CANVAS_SIDE
    )
    assert np.abs(np.array(seen) - expected).max() <= 2 / 255


def test_nothing_drawn_is_null():
    inks = [rasterize([]), faint(0.1)]
    for ink in inks:
        with pytest.raises(EmptyDrawingError):
            preprocess_ink(ink)
    seen = node.run(
        "draw/preprocess.js", TO_MNIST, ink=np.concatenate(inks).ravel(), side=CANVAS_SIDE
    )
    assert seen == [None, None]
