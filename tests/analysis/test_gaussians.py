"""The Gaussian of each digit's z, and how much each dimension of z changes the image."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae import load
from vae.analysis.calibration import fit_gaussians
from vae.analysis.latent import decode_grid, digits_own, effect
from vae.data.mnist import Examples, one_hot
from vae.model.numpy_model import DigitGaussians


def some_gaussians(z_dim):
    rng = np.random.default_rng(0)
    half = rng.standard_normal((10, z_dim, z_dim), np.float32)
    root = half @ half.transpose(0, 2, 1)
    return DigitGaussians(rng.standard_normal((10, z_dim), np.float32), root)


def test_the_fit_is_the_covariance_of_sampled_z(classic, mnist):
    few = mnist.train.part(slice(3000))
    gaussians = fit_gaussians(classic, few)
    rng = np.random.default_rng(0)
    for digit in range(10):
        x = few.x[few.y == digit]
        mu, log_var = classic.encode(x, one_hot(np.full(len(x), digit)))
        covariance = np.cov(mu.astype(float), rowvar=False, bias=True)
        covariance += np.diag(np.exp(log_var.astype(float)).mean(0))
        root = gaussians.root[digit].astype(float)
        assert gaussians.mean[digit] == pytest.approx(mu.mean(0), abs=1e-5)
        assert np.allclose(root @ root, covariance, atol=1e-5)
        assert np.allclose(root, root.T, atol=1e-6)
        assert (np.linalg.eigvalsh(root) > 0).all()

        # The z that the decoder got in training have this mean and covariance.
        many = np.repeat(mu, 300, 0), np.repeat(log_var, 300, 0)
        z = classic.reparameterize(*many, rng)
        assert np.abs(z.mean(0) - gaussians.mean[digit]).max() < 0.03
        assert np.abs(np.cov(z.T) - root @ root).max() < 0.03


def test_a_digit_with_too_few_images_keeps_the_prior(classic, mnist):
    y = mnist.train.y
    sevens, threes = np.flatnonzero(y == 7)[:10], np.flatnonzero(y == 3)[:11]
    rows = np.concatenate([sevens, threes])
    gaussians = fit_gaussians(classic, Examples(mnist.train.x[rows], y[rows]))
    for digit in {*range(10)} - {3}:
        assert np.array_equal(gaussians.mean[digit], np.zeros(10))
        assert np.array_equal(gaussians.root[digit], np.eye(10))
    assert np.linalg.matrix_rank(gaussians.root[3]) == 10
    assert np.abs(gaussians.mean[3]).max() > 0.1


def test_an_encoder_that_overflows_has_no_gaussians(classic, mnist):
    few = mnist.train.part(slice(500))
    for name, value in (("log_var.bias", 1e5), ("mu.bias", 1e8), ("mu.bias", np.nan)):
        tensors = dict(classic.tensors)
        tensors[name] = np.full(10, value, np.float32)
        assert fit_gaussians(replace(classic, tensors=tensors), few) is None


@given(
    digits=st.lists(st.integers(0, 9), max_size=12),
    count=st.integers(0, 4),
    z_dim=st.integers(1, 5),
    seed=st.integers(0, 100),
)
def test_z_in_units_of_each_digits_gaussian(digits, count, z_dim, seed):
    gaussians = some_gaussians(z_dim)
    z = np.random.default_rng(seed).standard_normal((count, z_dim)).astype(np.float32)
    own = digits_own(gaussians, digits, z)
    assert own.shape == (len(digits), count, z_dim) and own.dtype == np.float32
    for rows, digit in zip(own, digits, strict=True):
        for row, unit in zip(rows, z, strict=True):
            expected = gaussians.mean[digit] + gaussians.root[digit].T @ unit
            assert np.allclose(row, expected, rtol=1e-4, atol=1e-4)
    means = digits_own(gaussians, digits, np.zeros((1, z_dim)))
    assert np.array_equal(means[:, 0], gaussians.mean[digits].reshape(len(digits), z_dim))


def test_each_digit_can_have_rows_of_its_own(classic):
    z = np.random.default_rng(0).standard_normal((3, 2, 10), np.float32)
    images = decode_grid(classic, [4, 1, 8], z, contrast=1.5)
    assert images.shape == (3, 2, 784)
    for row, rows, digit in zip(images, z, (4, 1, 8), strict=True):
        expected = classic.decode(rows, one_hot([digit, digit]), 1.5)
        assert np.abs(row - expected).max() < 1e-5


def test_with_its_own_gaussian_a_digit_is_more_often_the_one_asked_for(classic):
    z = np.random.default_rng(3).standard_normal((200, 10), np.float32)
    right = []
    for rows in (z, digits_own(classic.digit_gaussians, range(10), z)):
        images = decode_grid(classic, range(10), rows).reshape(-1, 784)
        digits = load("fast").classify(images).argmax(1)
        right.append((digits == np.repeat(range(10), 200)).mean())
    prior, own = right
    assert own > prior + 0.05


def test_effect_by_hand(classic):
    effects = effect(classic)
    assert effects.shape == (10,)
    assert np.array_equal(effects, effect(classic))
    z = np.zeros((2, 10), np.float32)
    z[:, 4] = 1.5, -1.5
    pairs = [classic.generate(digit, z).astype(float) for digit in range(10)]
    by_hand = np.sqrt(np.mean([(plus - minus) ** 2 for plus, minus in pairs]))
    assert effects[4] == pytest.approx(by_hand, rel=1e-4)


def test_a_dimension_that_the_decoder_ignores_has_no_effect(classic):
    tensors = dict(classic.tensors)
    kernel = tensors["decoder.0.kernel"].copy()
    kernel[7] = 0
    effects = effect(replace(classic, tensors={**tensors, "decoder.0.kernel": kernel}))
    assert effects[7] == 0 and np.delete(effects, 7).min() > 0.05
