"""Paths and planes through the latent space, and the files of their animations."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from scipy.stats import norm

from vae.analysis.latent import by_probability, even_steps, interpolate, sheet
from vae.animation import animated

NUMBERS = st.floats(-5, 5, width=32)
POINTS = st.integers(1, 32).flatmap(
    lambda z_dim: st.tuples(*[arrays(np.float32, z_dim, elements=NUMBERS)] * 2)
)
SHARES = np.linspace(0, 1, 11)


@given(POINTS, st.booleans())
def test_a_path_goes_from_its_start_to_its_end_and_back_the_same_way(ends, spherical):
    start, end = ends
    way = interpolate(start, end, SHARES, spherical)
    assert way.shape == (11, len(start)) and np.isfinite(way).all()
    assert np.allclose(way[0], start, atol=1e-5) and np.allclose(way[-1], end, atol=1e-5)
    back = interpolate(end, start, SHARES, spherical)
    assert np.allclose(way, back[::-1], atol=1e-3)
    if not spherical:
        assert np.allclose(np.diff(way, axis=0), (end - start) / 10, atol=1e-5)


def test_an_arc_keeps_the_distance_from_0_and_goes_by_equal_angles():
    rng = np.random.default_rng(0)
    start, end = (row / np.linalg.norm(row) for row in rng.standard_normal((2, 10)))
    arc = interpolate(3 * start, 3 * end, SHARES, spherical=True).astype(float)
    assert np.allclose(np.linalg.norm(arc, axis=1), 3)
    angles = np.arccos((arc[1:] * arc[:-1]).sum(1) / 9)
    assert np.allclose(angles, np.arccos(start @ end) / 10, rtol=1e-3)
    line = interpolate(3 * start, 3 * end, [0.5])
    assert np.linalg.norm(line) < 2.9, "a straight line comes nearer to 0"


@pytest.mark.parametrize("end", [[2.0, 4.0], [-2.0, -4.0], [0.0, 0.0]])
def test_where_there_is_no_arc_the_path_is_straight(end):
    for one, other in (([1.0, 2.0], end), (end, [1.0, 2.0])):
        way = interpolate(one, other, SHARES, spherical=True)
        assert np.array_equal(way, interpolate(one, other, SHARES))


def test_steps_are_even_or_equally_likely():
    assert even_steps(7).tolist() == [-3, -2, -1, 0, 1, 2, 3]
    assert even_steps(1).tolist() == by_probability(1).tolist() == [0]
    values = by_probability(20)
    assert np.allclose(norm.cdf(values), (np.arange(20) + 0.5) / 20, atol=1e-6)


def test_a_sheet_has_its_dimensions_across_and_up():
    values = [-1.0, 0.0, 2.0]
    rows = sheet([0.5, 7.0, -0.5], 2, 0, values).reshape(3, 3, 3)
    for line in range(3):
        for column in range(3):
            expected = [values[2 - line], 7.0, values[column]]
            assert rows[line, column].tolist() == expected
    assert sheet([0.5], 0, None, values).tolist() == [[-1], [0], [2]]


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_an_animation_has_every_frame_for_its_time(file_format):
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (4, 28, 28), np.uint8)
    content = animated([Image.fromarray(f) for f in frames], [40, 40, 40, 500], file_format)
    with Image.open(io.BytesIO(content)) as file:
        assert file.format == file_format and file.n_frames == 4 and file.info["loop"] == 0
        times = []
        for i, frame in enumerate(frames):
            file.seek(i)
            file.load()
            times.append(file.info["duration"])
            assert np.array_equal(np.asarray(file.convert("L")), frame)
    assert times == [40, 40, 40, 500]
