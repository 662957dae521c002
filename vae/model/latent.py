"""Variations: latent vectors around one, and decode_grid digit drawn from each."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from vae.data.mnist import Floats, one_hot
from vae.model.numpy_model import TrainedVAE

REACH = 3.0
"""How far from 0 a latent dimension is taken: 99.7 % of the prior lies within."""


def sample_around(z: ArrayLike, count: int, spread: float, seed: int) -> Floats:
    """z + spread · eps, eps ~ N(0, I) by `seed`: (z_dim,) → (count, z_dim).

    With z = 0 and a spread of 1 these are samples of the prior.
    """
    z = np.asarray(z, np.float32)
    eps = np.random.default_rng(seed).standard_normal((count, len(z)), np.float32)
    return z + np.float32(spread) * eps


def traverse(z: ArrayLike, count: int, dimension: int) -> Floats:
    """z with one dimension going from -REACH to REACH: (z_dim,) → (count, z_dim)."""
    rows = np.tile(np.asarray(z, np.float32), (count, 1))
    rows[:, dimension] = np.linspace(-REACH, REACH, count) if count > 1 else 0
    return rows


def decode_grid(
    model: TrainedVAE, digits: Sequence[int], z: Floats, contrast: float = 1.0
) -> Floats:
    """Each digit drawn from each row of z (n, z_dim), in one go: (digits, n, 784).

    `contrast` is that of `TrainedVAE.decode`.
    """
    labels = one_hot(np.repeat(digits, len(z)))
    return model.decode(np.tile(z, (len(digits), 1)), labels, contrast).reshape(
        len(digits), len(z), -1
    )
