import numpy as np
import pytest
from canvas_drawings import SEVEN, canvas
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vae.data.preprocess import distance_to_outline, preprocess, stroke_width, to_mnist
from vae.errors import EmptyDrawingError


def moved(lines, scale=1.0, dx=0, dy=0):
    return [[(x * scale + dx, y * scale + dy) for x, y in line] for line in lines]


def test_size_and_centre_are_those_of_mnist():
    x = to_mnist(canvas(SEVEN)).reshape(28, 28)
    assert x.dtype == np.float32
    assert (x >= 0).all() and (x <= 1).all() and x.max() > 0.95
    rows, columns = np.flatnonzero(x.max(1) > 0.5), np.flatnonzero(x.max(0) > 0.5)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20, 21)
    index = np.arange(28)
    assert (x.sum(1) @ index) / x.sum() == pytest.approx(14, abs=0.35)
    assert (x.sum(0) @ index) / x.sum() == pytest.approx(14, abs=0.35)


def test_position_size_and_pen_do_not_matter():
    here = to_mnist(canvas(SEVEN))
    for dx, dy in [(-50, -40), (60, 0), (-50, 30)]:
        assert np.abs(to_mnist(canvas(moved(SEVEN, dx=dx, dy=dy))) - here).max() < 0.02
    small = canvas(moved(SEVEN, 0.4, 20, 20), pen=10)
    large = canvas(moved(SEVEN, 4), (1120, 1120), pen=80)
    for other in (small, large, canvas(SEVEN, pen=6), canvas(SEVEN, pen=34)):
        assert np.abs(to_mnist(other) - here).mean() < 0.02


def test_every_kind_of_canvas_is_the_same_drawing():
    gray = canvas(SEVEN)
    full = np.full_like(gray, 255)
    expected = to_mnist(gray)
    kinds = {
        "rgb": np.stack([gray] * 3, -1),
        "white on opaque black": np.stack([gray, gray, gray, full], -1),
        "white on transparent": np.stack([full, full, full, gray], -1),
        "black on transparent": np.stack([0 * full, 0 * full, 0 * full, gray], -1),
        "dark on light": 255 - gray,
        "dark on light, opaque": np.stack([255 - gray] * 3 + [full], -1),
        "gray on gray": (gray // 2 + 60).astype(np.uint8),
        "not square": np.pad(gray, ((0, 90), (30, 0))),
    }
    for kind, image in kinds.items():
        assert np.abs(to_mnist(image) - expected).max() < 0.03, kind


@pytest.mark.parametrize("pen", [5, 10, 20, 40])
def test_the_width_of_a_long_bar_is_measured(pen):
    inside = np.zeros((400, 100), bool)
    inside[10:390, 30 : 30 + pen] = True
    width = stroke_width(inside, distance_to_outline(inside))
    assert width == pytest.approx(pen, rel=0.1)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((280, 280), np.uint8),
        np.full((280, 280, 3), 255, np.uint8),
        np.zeros((280, 280, 4), np.uint8),
        np.full((280, 280), 9, np.uint8),
        np.zeros((0, 0), np.uint8),
    ],
)
def test_nothing_drawn(image):
    with pytest.raises(EmptyDrawingError, match="nothing on the canvas"):
        to_mnist(image)


@pytest.mark.parametrize(
    "image", [np.zeros((28, 28)), np.zeros(784, np.uint8), np.zeros((9, 9, 2), np.uint8)]
)
def test_arrays_that_are_not_an_image(image):
    with pytest.raises(ValueError, match="A drawing is a uint8 array"):
        to_mnist(image)


def test_enlarged_mnist_digits_are_classified_as_before(classic, mnist):
    x, y = mnist.test.x[:200], mnist.test.y[:200]
    enlarged = [
        np.asarray(
            Image.fromarray((image.reshape(28, 28) * 255).astype(np.uint8)).resize(
                (280, 280), Image.Resampling.BICUBIC
            )
        )
        for image in x
    ]
    again = np.stack([to_mnist(image) for image in enlarged])
    before = (classic.classify(x).argmax(1) == y).mean()
    assert (classic.classify(again).argmax(1) == y).mean() > before - 0.03


def circle(x, y, r, points=40):
    angle = np.linspace(0, 2 * np.pi, points)
    return list(zip(x + r * np.cos(angle), y + r * np.sin(angle), strict=True))


FOUR_OPEN = [[(90, 50), (70, 160), (200, 160)], [(180, 60), (170, 250)]]
EIGHT = [circle(140, 90, 45), circle(140, 190, 55)]
FIVE_APART = [[(100, 60), (95, 130), (180, 140), (170, 220), (80, 220)], [(125, 55), (200, 55)]]


@pytest.mark.parametrize("lines", [SEVEN, FOUR_OPEN, EIGHT, FIVE_APART, [[(140, 30), (140, 250)]]])
@pytest.mark.parametrize("pen", [8, 20, 28])
def test_a_digit_has_no_objection(lines, pen):
    assert preprocess(canvas(lines, pen=pen)).objection is None


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([[(140, 140), (140, 140)]], "That is a dot"),
        ([[(140, 140), (150, 144)]], "That is a dot"),
        ([[(60, 60), (60, 220)], circle(190, 140, 60)], "two digits"),
        ([circle(70, 140, 45), circle(200, 140, 50)], "two digits"),
        ([[(20 + 240 * (i % 2), 20 + 15 * i) for i in range(17)]], "That is a scribble"),
        ([circle(140, 140, 100), circle(110, 110, 60), circle(170, 170, 60)], "a scribble"),
    ],
)
def test_what_is_no_digit_has_an_objection(lines, sentence):
    assert sentence in preprocess(canvas(lines, pen=14)).objection


def test_mnist_has_hardly_any_objections(mnist):
    objections = [
        preprocess(
            (image.reshape(28, 28).repeat(8, 0).repeat(8, 1) * 255).astype(np.uint8)
        ).objection
        for image in mnist.test.x[:300]
    ]
    assert sum(o is not None for o in objections) <= 3


@st.composite
def images(draw):
    """Any uint8 image up to 400 pixels: noise, a few pixels, bars, of any contrast and channels."""
    height, width = draw(st.integers(1, 400)), draw(st.integers(1, 400))
    channels = draw(st.sampled_from([(), (3,), (4,)]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (height, width, *channels)
    low, high = sorted((draw(st.integers(0, 255)), draw(st.integers(0, 255))))
    kind = draw(st.sampled_from(["noise", "pixels", "bars", "constant"]))
    if kind == "noise":
        return rng.integers(low, high + 1, shape, np.uint8)
    image = np.full(shape, low, np.uint8)
    if kind == "pixels":
        for _ in range(draw(st.integers(1, 5))):
            image[rng.integers(height), rng.integers(width)] = high
    if kind == "bars":
        for _ in range(draw(st.integers(1, 4))):
            top, bottom = sorted(rng.integers(0, height + 1, 2))
            left, right = sorted(rng.integers(0, width + 1, 2))
            image[top:bottom, left:right] = rng.integers(256, size=channels or None)
    return image


@given(images())
@settings(max_examples=100, deadline=None)
def test_any_image_is_empty_or_becomes_one_of_mnists_kind(image):
    try:
        x, objection = preprocess(image)
    except EmptyDrawingError:
        return
    assert x.shape == (784,) and x.dtype == np.float32
    assert x.min() >= 0 and x.max() <= 1 and np.isfinite(x).all()
    assert x.sum() > 0
    assert objection is None or objection.endswith(".")
    assert np.array_equal(to_mnist(image), x)
