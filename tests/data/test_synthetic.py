import numpy as np
import pytest

from vae import load
from vae.data.synthetic import SCRIBBLE_RATIO, SHAPES, draw_digit, scribble, synthetic_digits


def test_each_digit_is_as_frequent_and_a_share_are_scribbles():
    x, digit_prob = synthetic_digits(500, seed=3)
    assert x.shape == (500, 784) and x.dtype == np.float32
    assert digit_prob.shape == (500, 10) and digit_prob.dtype == np.float32
    assert digit_prob.sum(1) == pytest.approx(np.ones(500), rel=1e-6)
    scribbles = digit_prob.max(1) < 0.2
    assert scribbles.mean() == SCRIBBLE_RATIO
    assert np.bincount(digit_prob[~scribbles].argmax(1)).tolist() == [40] * 10


def test_a_seed_fixes_the_digits():
    assert np.array_equal(synthetic_digits(50, 1)[0], synthetic_digits(50, 1)[0])
    assert not np.array_equal(synthetic_digits(50, 1)[0], synthetic_digits(50, 2)[0])


def test_size_and_centre_are_those_of_a_preprocessed_drawing():
    rng = np.random.default_rng(0)
    index = np.arange(28)
    for digit in SHAPES:
        x = draw_digit(digit, rng).reshape(28, 28)
        assert x.max() > 0.9
        rows, columns = np.flatnonzero(x.max(1) > 0.5), np.flatnonzero(x.max(0) > 0.5)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20, 21)
        assert (x.sum(1) @ index) / x.sum() == pytest.approx(14, abs=0.4)


def test_the_shipped_model_recognizes_digits_and_doubts_scribbles():
    model = load("conv")
    rng = np.random.default_rng(99)
    for digit in SHAPES:
        images = np.stack([draw_digit(digit, rng) for _ in range(100)])
        assert (model.classify(images).argmax(1) == digit).mean() > 0.9, digit
    scribbles = np.stack([scribble(rng) for _ in range(200)])
    assert (model.calibrated(model.classify(scribbles)).max(1) > 0.9).mean() < 0.1
