"""A picture of a digit is the same digit in a shadow, with dirt, on glass, faded or small."""

import numpy as np
import pytest
from canvas_drawings import SEVEN, canvas
from PIL import Image

from vae.data.ink import ink_of, without_specks
from vae.data.preprocess import preprocess, to_mnist

PEN = 20
DARK = canvas(SEVEN, ink=0, paper=255)
ROWS, COLUMNS = np.indices(DARK.shape)


def in_shadow(image):
    return (image * (1 - 0.45 * COLUMNS / 280)).astype(np.uint8)


def fading(image):
    """Its ink falls to 35 % downwards."""
    left = 1 - 0.65 * ROWS / 280
    return (255 - (255 - image) * left).astype(np.uint8)


def with_specks(image):
    image = image.copy()
    image[250:262, 40:55] = 30
    image[0:40, 272:] = 0  # A neighbour's edge.
    return image


def mostly_opaque(image):
    """On white paper with a frame that can be seen through."""
    alpha = np.where((ROWS < 20) | (ROWS > 260), 0, 255)
    return np.dstack([image] * 3 + [alpha]).astype(np.uint8)


def in_part_half_as_dark(image):
    return np.where((image < 128) & (COLUMNS < 100), 129, image).astype(np.uint8)


@pytest.mark.parametrize(
    "spoil", [in_shadow, fading, with_specks, mostly_opaque, in_part_half_as_dark]
)
def test_a_spoiled_picture_is_the_same_digit(spoil):
    assert np.abs(to_mnist(spoil(DARK)) - to_mnist(DARK)).mean() < 0.02
    assert preprocess(spoil(DARK)).objection is None


def test_a_line_of_one_pixel_is_not_thinned():
    lines = [[(x / 10, y / 10) for x, y in line] for line in SEVEN]
    thin = canvas(lines, size=(28, 28), pen=1)
    assert np.abs(to_mnist(thin) - to_mnist(canvas(SEVEN, pen=10))).mean() < 0.04


def test_a_small_picture_is_enlarged_and_a_large_one_is_not():
    assert ink_of(canvas(SEVEN)).shape == (280, 280)
    small = np.asarray(Image.fromarray(canvas(SEVEN)).resize((28, 28), Image.Resampling.BOX))
    ink = ink_of(small)
    assert 64 <= max(ink.shape) <= 150 and set(np.unique(ink)) == {0, 1}
    assert np.abs(to_mnist(small) - to_mnist(canvas(SEVEN))).mean() < 0.03


def test_a_photo_is_reduced():
    photo = np.kron(DARK, np.ones((10, 10), np.uint8))
    assert max(ink_of(photo).shape) <= 2048
    assert np.abs(to_mnist(photo) - to_mnist(DARK)).mean() < 0.01


def test_parts_of_a_digit_are_no_specks():
    bar = np.zeros((100, 100), bool)
    bar[10:90, 20:28], bar[40:48, 40:80], bar[70:73, 70:73] = True, True, True
    kept = without_specks(bar)
    assert kept[44, 60] and not kept[71, 71] and (kept <= bar).all()


FOUR = [[(60, 40), (60, 140), (160, 140)], [(200, 40), (200, 240)]]
ZERO = [
    [(118, 40), (80, 80), (80, 200), (118, 240)],
    [(160, 40), (200, 80), (200, 200), (160, 240)],
]
PAIR = [[(40, 60), (40, 220)], [(240, 60), (240, 220)]]


def test_two_strokes_are_one_digit_unless_they_are_far_apart():
    assert preprocess(canvas(FOUR)).objection is None
    assert preprocess(canvas(ZERO)).objection is None
    assert "two digits" in preprocess(canvas(PAIR)).objection
