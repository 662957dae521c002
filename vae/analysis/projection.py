"""A plane through the latent space, to draw a map on, and how far the map sorts the digits."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae.data.mnist import Floats

_ROWS = 500
"""Images whose distances to all others are in memory at a time."""


class Plane(NamedTuple):
    """The plane origin + x · axes[0] + y · axes[1].

    Attributes:
        origin: (z_dim,).
        axes: (2, z_dim), of length 1 and at right angles; if z has one dimension, the second
            axis is 0.
        shares: (2,), which share of the variance lies along each axis.
    """

    origin: Floats
    axes: Floats
    shares: Floats


class Components(NamedTuple):
    """The principal components of points, those in whose direction the points vary most first.

    Attributes:
        mean: (z_dim,).
        axes: (z_dim, z_dim), one in each row, of length 1 and at right angles. The largest number
            of each is positive.
        variances: (z_dim,), of the points along each axis.
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]
    variances: NDArray[np.float64]


def principal_components(mu: ArrayLike) -> Components:
    """The principal components (Pearson 1901) of points (n, z_dim), at least one."""
    mu = np.asarray(mu, np.float64)
    centred = mu - mu.mean(0)
    variances, vectors = np.linalg.eigh(centred.T @ centred / len(mu))  # In ascending order.
    axes = vectors[:, ::-1].T
    largest = np.abs(axes).argmax(1)
    axes = axes * np.sign(axes[np.arange(len(axes)), largest])[:, None]
    return Components(mu.mean(0), axes, np.maximum(variances[::-1], 0))


def plane_of(mu: ArrayLike) -> Plane:
    """The plane of a map: z itself if it has at most two dimensions.

    Otherwise the two directions in which μ varies most, through its mean.

    Args:
        mu: (n, z_dim) of at least one image.
    """
    mu = np.asarray(mu, np.float64)
    z_dim = mu.shape[1]
    if z_dim <= 2:
        origin, axes = np.zeros(z_dim), np.eye(2, z_dim)
        variances, along = mu.var(0), np.pad(mu.var(0), (0, 2 - z_dim))
    else:
        origin, axes, variances = principal_components(mu)
        axes, along = axes[:2], variances[:2]
    shares = along / max(float(variances.sum()), 1e-30)
    return Plane(*(values.astype(np.float32) for values in (origin, axes, shares)))


def same_digit_share(mu: ArrayLike, y: ArrayLike) -> float:
    """How often an image's nearest neighbour in z shows the same digit: 0 to 1.

    Images of ten digits that are mixed without any order give 0.1.

    Args:
        mu: (n, z_dim), at least two rows.
        y: (n,) the digits.
    """
    mu, y = np.asarray(mu, np.float32), np.asarray(y)
    squares = (mu**2).sum(1)
    same = 0
    for start in range(0, len(mu), _ROWS):
        rows = np.arange(start, min(start + _ROWS, len(mu)))
        distances = squares - 2 * mu[rows] @ mu.T  # Without |mu[row]|², which changes no order.
        distances[rows - start, rows] = np.inf
        same += int((y[distances.argmin(1)] == y[rows]).sum())
    return same / len(mu)
