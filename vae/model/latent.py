"""Latent vectors: samples around one, a walk along one dimension, and the digits they decode to."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae.data.mnist import Floats, one_hot
from vae.model.numpy_model import TrainedVAE

REACH = 3.0
"""Latent dimensions are varied from -3 to 3: 99.7 % of the prior lies within."""

ACTIVE_VARIANCE = 0.01
"""The variance above which a dimension is active: Burda et al. 2016, section 5."""


def active_units(mu: ArrayLike) -> NDArray[np.bool_]:
    """Which latent dimensions carry information about the image: (n, z_dim) → (z_dim,).

    Dimension i is active if Var_x[E q(z_i | x)] > 0.01, the variance over the images of mu_i
    (Burda, Grosse & Salakhutdinov, Importance Weighted Autoencoders, 2016, section 5).

    Args:
        mu: means of q(z | x), one row for each image x of a set, at least one.
    """
    return np.asarray(mu).var(0) > ACTIVE_VARIANCE


def sample_around(z: ArrayLike, count: int, spread: float, seed: int) -> Floats:
    """z + spread · eps, eps ~ N(0, I) by `seed`: (z_dim,) → (count, z_dim).

    With z = 0 and a spread of 1 these are samples of the prior.
    """
    z = np.asarray(z, np.float32)
    eps = np.random.default_rng(seed).standard_normal((count, len(z)), np.float32)
    return z + np.float32(spread) * eps


def traverse(z: ArrayLike, count: int, dimension: int) -> Floats:
    """`count` copies of z with one dimension going from -REACH to REACH: (z_dim,) →
    (count, z_dim). A single copy has 0 there.
    """
    rows = np.tile(np.asarray(z, np.float32), (count, 1))
    rows[:, dimension] = np.linspace(-REACH, REACH, count) if count > 1 else 0
    return rows


def decode_grid(
    model: TrainedVAE, digits: Sequence[int], z: Floats, contrast: float = 1.0
) -> Floats:
    """Each of the digits decoded from each row of z: (n, z_dim) → (digits, n, 784) in [0, 1].

    `contrast` is that of `TrainedVAE.decode`.
    """
    labels = one_hot(np.repeat(digits, len(z)))
    return model.decode(np.tile(z, (len(digits), 1)), labels, contrast).reshape(
        len(digits), len(z), -1
    )
