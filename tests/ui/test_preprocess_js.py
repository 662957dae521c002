"""The browser's preparation of a drawing against that of Python, in a real Chromium."""

import base64

import numpy as np
import pytest
from browsing import load_module
from canvas_drawings import canvas
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vae.data.preprocess import to_mnist
from vae.errors import EmptyDrawingError

CALL = """([text, width, height]) => {
    const rgba = Uint8ClampedArray.from(atob(text), (character) => character.charCodeAt(0))
    const x = module.toMnist(rgba, width, height)
    return x && Array.from(x)
}"""


@pytest.fixture(scope="module")
def to_mnist_js(browser):
    """`toMnist` of an image (h, w, 4)."""
    page = browser.new_page()
    load_module(page, "draw/preprocess")

    def call(rgba):
        height, width, _ = rgba.shape
        x = page.evaluate(CALL, [base64.b64encode(rgba.tobytes()).decode(), width, height])
        return x and np.array(x, np.float32)

    yield call
    page.close()


@st.composite
def drawings(draw):
    """Strokes of any width and brightness on a canvas of any size, opaque or transparent."""
    width, height = draw(st.integers(1, 320)), draw(st.integers(1, 320))
    point = st.tuples(st.integers(0, width), st.integers(0, height))
    lines = draw(st.lists(st.lists(point, min_size=1, max_size=6), max_size=4))
    pen = draw(st.integers(1, 40))
    ink, paper = draw(st.integers(0, 255)), draw(st.integers(0, 255))
    if draw(st.booleans()):
        gray = canvas(lines, (width, height), pen, ink, paper)
        return np.dstack([gray] * 3 + [np.full_like(gray, 255)])
    alpha = canvas(lines, (width, height), pen, ink)
    color = draw(st.tuples(*[st.integers(0, 255)] * 3))
    return np.dstack([np.full_like(alpha, value) for value in color] + [alpha])


def on_black(lines, pen=20):
    gray = canvas(lines, pen=pen)
    return np.dstack([gray] * 3 + [np.full_like(gray, 255)])


@settings(deadline=None)
@given(rgba=drawings())
@example(rgba=on_black([]))
@example(rgba=on_black([[(140, 140), (140, 140)]], pen=1))
@example(rgba=on_black([[(70, 60), (200, 60), (130, 230)]]))
@example(rgba=on_black([[(0, 0), (280, 280)], [(280, 0), (0, 280)]], pen=2))
def test_the_browser_sees_what_python_sees(to_mnist_js, rgba):
    try:
        expected = to_mnist(rgba)
    except EmptyDrawingError:
        assert to_mnist_js(rgba) is None
    else:
        assert np.abs(to_mnist_js(rgba) - expected).max() <= 1e-5
