"""Drawings as text for a link: what is packed comes back, and what is forged does not."""

import base64
import re
import zlib
from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae.data.preprocess import preprocess
from vae.data.strokes import (
    CANVAS_SIDE,
    MAX_LENGTH,
    MAX_POINTS,
    Stroke,
    pack,
    rasterize,
    simplified,
    unpack,
)
from vae.errors import DrawingError

coordinate = st.integers(-CANVAS_SIDE, 2 * CANVAS_SIDE)
point = st.tuples(coordinate, coordinate)
points = st.lists(point, min_size=1, max_size=40).map(tuple)
strokes = st.lists(st.builds(Stroke, points, st.booleans()), max_size=8)


@given(strokes)
def test_what_is_packed_comes_back(drawn):
    text = pack(drawn)
    assert re.fullmatch(r"[\w-]+", text, re.ASCII)
    assert unpack(text) == drawn


def scribble(seed, steps=4000):
    walk = np.random.default_rng(seed).normal(0, 6, (steps, 2)).cumsum(0)
    inside = np.abs((walk + 140) % 560 - 280)  # Reflected at the edges.
    return [Stroke(tuple(map(tuple, inside.round().astype(int).tolist())), True)]


def test_a_long_drawing_is_simplified_no_more_than_it_must_be():
    drawn = scribble(0)
    text = pack(drawn)
    assert 0.75 * MAX_LENGTH < len(text) <= MAX_LENGTH
    (kept,) = unpack(text)
    assert kept.points[0] == drawn[0].points[0] and kept.points[-1] == drawn[0].points[-1]
    assert set(kept.points) <= set(drawn[0].points)
    short = [Stroke(tuple((5 * i, i * i % 200) for i in range(50)), True)]
    assert unpack(pack(short)) == short, "what fits stays as it is"


@given(st.lists(point, min_size=1, max_size=40, unique=True).map(tuple), st.floats(0, 100))
def test_a_simplified_line_stays_near(line, tolerance):
    kept = simplified(line, tolerance)
    at = 0
    for one, other in pairwise(kept):
        start, at = at, line.index(other, at + 1)
        for point in line[start : at + 1]:
            a, b, p = (np.array(q, float) for q in (one, other, point))
            length = (b - a) @ (b - a)
            foot = a + (b - a) * np.clip((p - a) @ (b - a) / length, 0, 1) if length else a
            assert np.hypot(*(p - foot)) <= tolerance + 1e-9


def test_more_strokes_than_a_link_can_have_are_refused():
    with pytest.raises(DrawingError, match="too many strokes"):
        pack([Stroke(((i % 280, 0), (0, i % 280)), False) for i in range(2000)])
    assert pack(scribble(0, MAX_POINTS))
    with pytest.raises(DrawingError, match="more than 5,000 points"):
        pack([*scribble(0, MAX_POINTS), Stroke(((0, 0),), False)])


@given(st.text(max_size=60) | st.text("1ABab09_-+/=", max_size=60).map("1".__add__))
def test_a_forged_text_is_refused(text):
    with pytest.raises(DrawingError):
        unpack(text)


@given(strokes, st.data())
def test_a_damaged_text_is_refused_or_the_same(drawn, data):
    text = pack(drawn)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    with pytest.raises(DrawingError):
        unpack(cut)
    i = data.draw(st.integers(0, len(text) - 1))
    changed = text[:i] + data.draw(st.sampled_from("AZaz09-_")) + text[i + 1 :]
    with suppress(DrawingError):
        assert pack(unpack(changed)) == changed


def test_other_versions_long_texts_and_absurd_coordinates_are_named():
    with pytest.raises(DrawingError, match="cannot read"):
        unpack("2" + pack([])[1:])
    with pytest.raises(DrawingError, match="too long"):
        unpack("1" + MAX_LENGTH * "A")
    far = bytes([2, 0xFE, 0xFF, 0xFF, 0x7F, 0])
    checksum = (zlib.crc32(far) & 0xFFFF).to_bytes(2, "little")
    text = "1" + base64.urlsafe_b64encode(far + checksum).decode().rstrip("=")
    with pytest.raises(DrawingError, match="damaged"):
        unpack(text)


@given(strokes)
def test_any_drawing_can_be_rasterized(drawn):
    image = rasterize(drawn)
    assert image.shape == (CANVAS_SIDE, CANVAS_SIDE)
    middles = [p for s in drawn for p in s.points if all(2 <= v < CANVAS_SIDE - 2 for v in p)]
    assert all(image[y, x] == 255 for x, y in middles if not any(s.smooth for s in drawn))


def test_a_rasterized_seven_is_a_seven(classic):
    seven = [Stroke(((70, 60), (200, 60), (130, 230)), False)]
    x, objection = preprocess(rasterize(seven))
    assert objection is None and classic.predict(x).digit == 7
