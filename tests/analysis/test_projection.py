import numpy as np
import pytest

from vae.analysis.projection import plane_of, principal_components, same_digit_share


def test_the_plane_is_that_of_principal_components():
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    mu = 3 + rng.standard_normal((5000, 6)) * [3, 2, 1, 0.5, 0.3, 0.1] @ basis
    plane = plane_of(mu)
    assert np.allclose(plane.origin, mu.mean(0), atol=1e-5)
    assert np.allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-5)
    assert np.allclose(np.abs(plane.axes @ basis.T)[:, :2], np.eye(2), atol=0.05)
    assert plane.shares == pytest.approx([9 / 14.35, 4 / 14.35], abs=0.02)
    two = plane_of(mu[:, :2])
    assert np.array_equal(two.origin, [0, 0]) and np.array_equal(two.axes, np.eye(2))


def test_the_share_of_same_digits():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 3000)
    assert same_digit_share(rng.standard_normal((3000, 2)), y) == pytest.approx(0.1, abs=0.03)
    apart = 10 * np.eye(10)[y] + rng.standard_normal((3000, 10))
    assert same_digit_share(apart, y) > 0.99
    assert same_digit_share([[0.0], [1.0], [1.1], [5.0]], [1, 2, 2, 1]) == 0.5


def test_principal_components_are_a_turned_basis_with_the_variances_along_it():
    rng = np.random.default_rng(0)
    mu = rng.standard_normal((300, 5)) @ rng.standard_normal((5, 5)) - 2
    mean, axes, variances = principal_components(mu)
    assert np.allclose(mean, mu.mean(0)) and np.allclose(axes @ axes.T, np.eye(5))
    assert np.allclose(((mu - mean) @ axes.T).var(0), variances)
    assert (np.diff(variances) <= 0).all()
    assert (axes[np.arange(5), np.abs(axes).argmax(1)] > 0).all()
    assert np.allclose(np.cov(((mu - mean) @ axes.T).T, bias=True), np.diag(variances))
