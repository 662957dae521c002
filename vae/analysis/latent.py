"""Latent vectors: samples, paths and planes through them, and what they decode to."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae.data.mnist import CLASSES, Floats, one_hot
from vae.model.numpy_model import DigitGaussians, TrainedVAE

MAX_Z = 1e6
"""Largest magnitude of a digit's mean z, and in the square root of its covariance."""

REACH = 3.0
"""Latent dimensions are varied from -3 to 3: 99.7 % of the prior lies within."""

ACTIVE_VARIANCE = 0.01
"""The variance above which a dimension is active: Burda et al. 2016, section 5."""

_EFFECT_REACH = 1.5
"""How far `effect` moves a dimension to either side; 87 % of the prior lie within."""

_MIN_SINE = 1e-3
"""Below this sine of the angle between two vectors their arc would be mostly rounding errors."""


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


def samples_of_digits(
    model: TrainedVAE, digits: int, z: ArrayLike, count: int, spread: float, seed: int
) -> Floats:
    """`count` samples around z (see `sample_around`) for each of some digits, for `decode_grid`.

    The digits share them, which shows what is style: → (count, z_dim). Without labels the digits
    would be the same image, so each has samples of its own: → (digits, count, z_dim). With a
    larger count, the first samples stay as they are.
    """
    if model.labelled:
        return sample_around(z, count, spread, seed)
    samples = sample_around(z, count * digits, spread, seed)
    return samples.reshape(count, digits, -1).transpose(1, 0, 2)


def traverse(z: ArrayLike, count: int, dimension: int) -> Floats:
    """`count` copies of z with one dimension going from -REACH to REACH: (z_dim,) →
    (count, z_dim). A single copy has 0 there.
    """
    rows = np.tile(np.asarray(z, np.float32), (count, 1))
    rows[:, dimension] = np.linspace(-REACH, REACH, count) if count > 1 else 0
    return rows


def even_steps(count: int) -> Floats:
    """Values from -REACH to REACH, equally far apart: (count,); a single one is 0."""
    steps = np.linspace(-REACH, REACH, count) if count > 1 else np.zeros(count)
    return steps.astype(np.float32)


def by_probability(count: int) -> Floats:
    """Values between which N(0, 1) is equally likely, ascending: (count,).

    The quantiles at (i + 1/2) / count, by the inverse of the distribution function (Kingma &
    Welling 2014, figure 4).
    """
    normal = NormalDist()
    return np.array([normal.inv_cdf((i + 0.5) / count) for i in range(count)], np.float32)


def sheet(z: ArrayLike, across: int, up: int | None, values: ArrayLike) -> Floats:
    """A plane through z as rows, from the top left: (z_dim,) → (n², z_dim).

    Args:
        z: what the other dimensions are.
        across: the dimension that has `values` from left to right.
        up: the one that has them from below to above; None: there is one row, so (n, z_dim).
        values: (n,), ascending.
    """
    values = np.asarray(values, np.float32)
    lines = 1 if up is None else len(values)
    rows = np.tile(np.asarray(z, np.float32), (lines, len(values), 1))
    if up is not None:
        rows[..., up] = values[::-1, None]
    rows[..., across] = values
    return rows.reshape(lines * len(values), -1)


def interpolate(start: ArrayLike, end: ArrayLike, at: ArrayLike, spherical: bool = False) -> Floats:
    """Points on the way between two latent vectors: (z_dim,) and (z_dim,) → (n, z_dim).

    Spherical: sin((1 - t) w) / sin(w) · start + sin(t w) / sin(w) · end, where w is the angle
    between the two (Shoemake 1985; for latent vectors White 2016). The way then
    stays at the distance from 0 at which the prior has its samples, which a straight line does
    not. Where w is 0 or π that is not defined, and the way is the straight one.

    Args:
        at: where on the way, (n,): 0 is the start, 1 the end.
        spherical: whether along an arc instead of a straight line.
    """
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    t = np.asarray(at, np.float64)[:, None]
    lengths = np.sqrt((start @ start) * (end @ end))
    cosine = np.clip(start @ end / lengths, -1, 1) if lengths > 0 else 1.0
    angle = np.arccos(cosine)
    if spherical and np.sin(angle) > _MIN_SINE:
        way = (np.sin((1 - t) * angle) * start + np.sin(t * angle) * end) / np.sin(angle)
    else:
        way = (1 - t) * start + t * end
    return way.astype(np.float32)


def digits_own(gaussians: DigitGaussians, digits: Sequence[int], z: ArrayLike) -> Floats:
    """z in units of each digit's own Gaussian: (n, z_dim) → (digits, n, z_dim).

    z = 0 becomes the mean of the digit, and samples of N(0, I) become samples of its Gaussian.
    """
    rows = list(digits)
    return gaussians.mean[rows, None] + np.asarray(z, np.float32) @ gaussians.root[rows]


def effect(model: TrainedVAE) -> Floats:
    """How much each latent dimension changes the image: (z_dim,), each 0 to 1.

    The difference between the images of z_i = 1.5 and z_i = -1.5, with the other dimensions 0:
    root mean square over the pixels of the ten digits. In the included models the order is
    nearly the one around random z (rank correlation at least 0.97 with 400 z of the prior).
    """
    dimensions = model.params.z_dim
    z = _EFFECT_REACH * np.eye(dimensions, dtype=np.float32)
    images = decode_grid(model, range(CLASSES), np.concatenate([z, -z]))
    difference = images[:, :dimensions] - images[:, dimensions:]
    effects: Floats = np.sqrt((difference**2).mean((0, 2)))
    return effects


def decode_grid(
    model: TrainedVAE, digits: Sequence[int], z: Floats, contrast: float = 1.0
) -> Floats:
    """Each of the digits decoded from each row of z: → (digits, n, 784) in [0, 1].

    Args:
        model: decodes them.
        digits: one for each row of the result.
        z: (n, z_dim), or (digits, n, z_dim) with rows of its own for each digit.
        contrast: that of `TrainedVAE.decode`.
    """
    z = np.broadcast_to(z, (len(digits), *z.shape[-2:]))
    labels = one_hot(np.repeat(digits, z.shape[1]))
    return model.decode(z.reshape(len(labels), -1), labels, contrast).reshape(*z.shape[:2], -1)
