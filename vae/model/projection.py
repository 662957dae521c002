"""A plane through the latent space, to draw a map on, and how far the map sorts the digits."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from vae.data.mnist import Floats

_ROWS = 500
"""Images whose distances to all others are in memory at a time."""


class Plane(NamedTuple):
    """The plane origin + x · axes[0] + y · axes[1].

    Attributes:
        origin: (z_dim,).
        axes: (2, z_dim), of length 1 and at right angles; of a z of one dimension the second is 0.
        shares: (2,), which share of the variance lies along each axis.
    """

    origin: Floats
    axes: Floats
    shares: Floats


def plane_of(mu: ArrayLike) -> Plane:
    """The plane of a map: z itself if it has at most two dimensions, else that of PCA.

    PCA: the two directions in which μ varies most, through its mean (Pearson 1901). An axis points
    to where its largest number is positive.

    Args:
        mu: (n, z_dim) of at least one image.
    """
    mu = np.asarray(mu, np.float64)
    z_dim = mu.shape[1]
    centred = mu - mu.mean(0)
    covariance = centred.T @ centred / len(mu)
    total = max(float(np.trace(covariance)), 1e-30)
    if z_dim <= 2:
        origin, axes = np.zeros(z_dim), np.eye(2, z_dim)
    else:
        _, vectors = np.linalg.eigh(covariance)  # In ascending order of the variance.
        origin, axes = mu.mean(0), vectors[:, :-3:-1].T
        largest = np.abs(axes).argmax(1)
        axes = axes * np.sign(axes[[0, 1], largest])[:, None]
    along = np.einsum("ij,jk,ik->i", axes, covariance, axes)
    return Plane(*(values.astype(np.float32) for values in (origin, axes, along / total)))


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
