"""The judge and the measures of quality, compared with independent computations."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.linalg import sqrtm

from benchmarks import judge, quality
from benchmarks.betas import information
from vae import load
from vae.data.mnist import Data


def test_the_judge_recognizes_nearly_all_of_the_test_set(mnist):
    digits, features = judge.predict(judge.load(), mnist.test.x[:3000])
    assert (digits == mnist.test.y[:3000]).mean() >= 0.99
    assert features.shape == (3000, judge.FEATURES)


def test_frechet_by_the_matrix_root():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((400, 6)) @ rng.standard_normal((6, 6))
    b = rng.standard_normal((500, 6)) @ rng.standard_normal((6, 6)) + 1
    cov_a, cov_b, mean = np.cov(a.T), np.cov(b.T), a.mean(0) - b.mean(0)
    root = sqrtm(cov_a @ cov_b).real
    assert quality.frechet(a, b) == pytest.approx(mean @ mean + np.trace(cov_a + cov_b - 2 * root))
    assert quality.frechet(a, a) == pytest.approx(0, abs=1e-6)


def test_the_information_of_gaussians_that_are_apart_and_of_equal_ones(mnist):
    examples = mnist.test.part(slice(50))

    def model(scale):
        means = scale * np.arange(50)[:, None]
        return SimpleNamespace(encode=lambda x, label: (means, np.zeros((50, 1))))

    assert information(model(100.0), examples) == pytest.approx(np.log(50))
    assert information(model(0.0), examples) == pytest.approx(0, abs=1e-9)


def test_recall_and_spread():
    rng = np.random.default_rng(0)
    real = rng.standard_normal((600, 3)).astype(np.float32)
    digits = np.arange(600) % 10
    assert quality.recall(real, rng.standard_normal((600, 3)).astype(np.float32)) > 0.9
    assert quality.recall(real, 0.1 * real) < 0.1
    assert quality.spread(0.5 * real, digits) == pytest.approx(
        0.5 * quality.spread(real, digits), rel=1e-4
    )


def test_the_nearest_image_of_an_image_is_itself(mnist):
    few = mnist.train.part(slice(300))
    assert np.array_equal(quality.nearest_digit(few.x[:50], few), few.y[:50])


def test_the_shipped_row_is_near_that_of_fewer_digits(mnist, monkeypatch):
    monkeypatch.setattr(quality, "EACH", 50)
    model = load("classic")
    few = Data(mnist.train.part(slice(2000)), mnist.test.part(slice(500)))
    row = quality.quality(model, judge.load(), few)
    shipped = model.metrics["quality"]
    assert row.keys() == shipped.keys()
    for name in ("fidelity", "swap"):
        assert row[name] == pytest.approx(shipped[name], abs=0.06)
    assert row["worst_fidelity"] <= row["fidelity"] <= 1
    assert row["frechet"] > 100 and 0 < row["diversity"] < 1
