import io

import numpy as np
from PIL import Image

from vae import generate_digits
from vae.analysis.latent import sample_around, traverse
from vae.images import grid, to_png


def test_a_grid_has_every_image_in_its_place():
    images = np.random.default_rng(0).uniform(size=(2, 3, 784))
    picture = grid(images, scale=3, gap=5)
    assert picture.shape == (2 * 84 + 5, 3 * 84 + 2 * 5)
    for row in range(2):
        for column in range(3):
            tile = picture[row * 89 : row * 89 + 84, column * 89 : column * 89 + 84]
            expected = np.round(images[row, column].reshape(28, 28) * 255)
            assert np.array_equal(tile[1::3, 1::3], expected)
    assert not picture[84:89].any()


def test_png_both_ways():
    picture = np.arange(100, dtype=np.uint8).reshape(10, 10)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(to_png(picture)))), picture)


def test_the_row_of_the_reports_figure(classic):
    # Every z is random, and one of this model's digits in nine is not the one asked for.
    rows = np.stack([np.asarray(generate_digits(classic)) for _ in range(20)])
    assert rows.shape == (20, 84, 840)
    zero, one = rows[:, :, :84].mean(), rows[:, :, 84:168].mean()
    assert zero > 1.3 * one > 0


def test_a_digit_asked_for_is_a_digit_drawn(classic):
    z = np.zeros((1, 10), np.float32)
    images = np.concatenate([classic.generate(digit, z) for digit in range(10)])
    assert classic.classify(images).argmax(1).tolist() == list(range(10))


def test_sample_around_and_traverse():
    z = np.array([0.5, -1.0, 2.0])
    many = sample_around(z, 50_000, 0.5, seed=1)
    assert np.abs(many.mean(0) - z).max() < 0.02
    assert np.abs(many.std(0) - 0.5).max() < 0.02
    assert np.array_equal(sample_around(z, 4, 1.0, 7), sample_around(z, 4, 1.0, 7))
    assert np.array_equal(sample_around(z, 4, 0.0, 7), np.tile(z, (4, 1)))
    assert traverse(z, 3, 1).tolist() == [[0.5, -3, 2], [0.5, 0, 2], [0.5, 3, 2]]
    assert traverse(z, 1, 1).tolist() == [[0.5, 0, 2]]
