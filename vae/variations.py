"""Rows of latent vectors around one: the columns of a grid of digits."""

import numpy as np
from numpy.typing import ArrayLike

from vae.inference import Floats

REACH = 3.0
"""How far from 0 a latent dimension is taken: 99.7 % of the prior lies within."""


def sampled(z: ArrayLike, count: int, spread: float, seed: int) -> Floats:
    """z + spread · eps, eps ~ N(0, I) by `seed`: (z_dim,) → (count, z_dim).

    With z = 0 and a spread of 1 these are samples of the prior.
    """
    z = np.asarray(z, np.float32)
    eps = np.random.default_rng(seed).standard_normal((count, len(z)), np.float32)
    return z + np.float32(spread) * eps


def swept(z: ArrayLike, count: int, dimension: int) -> Floats:
    """z with one dimension going from -REACH to REACH: (z_dim,) → (count, z_dim)."""
    rows = np.tile(np.asarray(z, np.float32), (count, 1))
    rows[:, dimension] = np.linspace(-REACH, REACH, count) if count > 1 else 0
    return rows
