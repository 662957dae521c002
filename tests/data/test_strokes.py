"""Drawings as text for a link: what is packed comes back."""

import re

import numpy as np
import pytest
from canvas_drawings import SEVEN
from canvas_drawings import strokes as strokes_of
from hypothesis import given
from hypothesis import strategies as st

from vae.data.preprocess import preprocess_ink
from vae.data.strokes import CANVAS_SIDE, MAX_LENGTH, MAX_POINTS, pack, rasterize, unpack
from vae.errors import DrawingError

coordinate = st.integers(-CANVAS_SIDE, 2 * CANVAS_SIDE)
points = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=40)
strokes = st.lists(points, max_size=8)


def scribble(steps, seed=0):
    walk = np.random.default_rng(seed).normal(0, 6, (steps, 2)).cumsum(0)
    inside = np.abs((walk + 140) % 560 - 280)  # Reflected at the edges.
    return list(map(tuple, inside.round().astype(int).tolist()))


@given(strokes)
def test_what_is_packed_comes_back(drawn):
    text = pack(drawn)
    assert re.fullmatch(r"[\w-]+", text, re.ASCII)
    assert unpack(text) == drawn


def test_of_a_long_drawing_some_points_are_kept():
    drawn = scribble(MAX_POINTS)
    text = pack([drawn])
    assert 0.6 * MAX_LENGTH < len(text) <= MAX_LENGTH
    (kept,) = unpack(text)
    assert (kept[0], kept[-1]) == (drawn[0], drawn[-1]) and set(kept) <= set(drawn)


def test_more_strokes_or_points_than_a_link_can_have_are_refused():
    with pytest.raises(DrawingError, match="too many strokes"):
        pack([[point] for point in scribble(2000)])
    with pytest.raises(DrawingError, match="more than 5,000 points"):
        pack([scribble(MAX_POINTS), [(0, 0)]])


@given(strokes)
def test_any_drawing_can_be_rasterized(drawn):
    ink = rasterize(drawn)
    assert ink.shape == (CANVAS_SIDE, CANVAS_SIDE) and ink.min() >= 0 and ink.max() <= 1
    ends = [p for s in drawn for p in (s[0], s[-1]) if all(2 <= v < CANVAS_SIDE - 2 for v in p)]
    assert all(ink[y, x] == 1 for x, y in ends)


def test_a_rasterized_seven_is_a_seven(classic):
    x, objection = preprocess_ink(rasterize(strokes_of(SEVEN)))
    assert objection is None and classic.predict(x).digit == 7
