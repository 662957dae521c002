"""Slant, weight and width of digits."""

import numpy as np

from vae.data import shape
from vae.data.mnist import first_test_examples


def sheared(x, by):
    """Images (n, 784) slanted: for each row above the middle, moved right by this many pixels."""
    rows = x.reshape(-1, 28, 28)
    moved = [np.roll(rows[:, i], round(by * (13.5 - i)), 1) for i in range(28)]
    return np.stack(moved, 1).reshape(-1, 784)


def test_shapes_are_measured_and_extremes_have_equal_digits():
    examples = first_test_examples()
    measured = shape.slant(examples.x)
    assert (shape.slant(sheared(examples.x, 0.2)) > measured).all()
    assert np.allclose(
        shape.slant(examples.x.reshape(-1, 28, 28)[:, :, ::-1].reshape(-1, 784)),
        -measured,
        atol=1e-4,
    )
    assert np.isfinite(shape.slant(np.zeros((1, 784), np.float32))).all()
    for measure in (shape.slant, shape.weight, shape.width):
        values = measure(examples.x)
        most, least = shape.extremes(values, examples.y, 3)
        assert (np.bincount(examples.y[most]) == 3).all()
        assert (np.bincount(examples.y[least]) == 3).all()
        for digit in range(10):
            own = values[examples.y == digit]
            assert sorted(own)[-3:] == sorted(values[i] for i in most if examples.y[i] == digit)
            assert sorted(own)[:3] == sorted(values[i] for i in least if examples.y[i] == digit)
