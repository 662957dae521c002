"""Lower bounds of log p(x | y), in NumPy, and the digit that they say an image is.

log p(x | y) is the log-likelihood of an image given its digit. It is an integral over all z that
cannot be computed; the encoder's q(z | x, y) gives bounds of it. They are in nats and leave out
constants that depend neither on z nor on y: a Gaussian's −392 · log(2π · decoder_std²), and what
makes a Bernoulli likelihood of gray pixels a density (Loaiza-Ganem & Cunningham 2019). So bounds of
models with different likelihoods or decoder_std cannot be compared.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae.data.mnist import CLASSES, Floats, one_hot
from vae.model.numpy_model import TrainedVAE, batches, sigmoid, softmax
from vae.params import Params

TRAINING_COUNTS = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
"""How many of MNIST's 60,000 training images show each digit: the prior p(y)."""

LOG_PRIOR: NDArray[np.float64] = np.log(np.array(TRAINING_COUNTS) / sum(TRAINING_COUNTS))
"""log p(y) of each digit, (10,)."""

Doubles = NDArray[np.float64]


class DigitInputs(NamedTuple):
    """The digits that encoder and decoder get, as probabilities, each (n, 10)."""

    encoder: Floats
    decoder: Floats


def digit_inputs(model: TrainedVAE, x: Floats, label: ArrayLike) -> DigitInputs:
    """What encoder and decoder get in training for images (n, 784) with these digits (n,)."""
    label = one_hot(label)
    predicted = model.params.decoder_sees == "predicted"
    return DigitInputs(label, softmax(model.classify(x)) if predicted else label)


def log_likelihood(params: Params, x: ArrayLike, logits: Floats) -> Doubles:
    """log p(x | z, y) without its constants: images and the decoder's logits (…, 784) → (…) nats.

    The negative of `recon` in the loss.
    """
    x = np.asarray(x, float)
    if params.likelihood == "gaussian":
        squared = (x - sigmoid(logits.astype(float))) ** 2
        return np.asarray(-squared.sum(-1) / (2 * params.decoder_std**2))
    return np.asarray((x * logits - np.logaddexp(0, logits.astype(float))).sum(-1))


def kl_per_dimension(mu: ArrayLike, log_var: ArrayLike) -> Doubles:
    """KL(N(mu, exp(log_var)) ‖ N(0, 1)) of each dimension, nats: Kingma & Welling 2014, app. B."""
    mu, log_var = np.asarray(mu, float), np.asarray(log_var, float)
    return np.asarray(-0.5 * (1 + log_var - mu**2 - np.exp(log_var)))


def elbo(model: TrainedVAE, x: Floats, digits: DigitInputs, eps: Floats) -> Doubles:
    """The ELBO E_q[log p(x | z, y)] − KL(q(z | x, y) ‖ p(z)): images (n, 784) → (n,) nats.

    The mean over q is that over z = mu + sigma · eps of the given eps, the same for all images;
    the KL divergence is exact (Kingma & Welling 2014, eq. 10).

    Args:
        model: its encoder and decoder.
        x: the images.
        digits: what encoder and decoder get, n rows each.
        eps: (samples, z_dim) from N(0, I); a single row of zeros gives the value at z = mu, which
            is no bound but needs one decoding only.
    """
    mu, log_var = model.encode(x, digits.encoder)
    sigma = np.exp(0.5 * log_var)
    likelihood = np.zeros(len(x))
    for row in eps.astype(np.float32):
        logits = model.decode_logits(mu + sigma * row, digits.decoder)
        likelihood += log_likelihood(model.params, x, logits)
    return likelihood / len(eps) - kl_per_dimension(mu, log_var).sum(-1)


def log_weights(model: TrainedVAE, x: Floats, digits: DigitInputs, eps: Floats) -> Doubles:
    """log p(x, z | y) − log q(z | x, y) for one image and each z = mu + sigma · eps.

    Args:
        model: its encoder and decoder.
        x: one image, (784,).
        digits: what encoder and decoder get, a row each.
        eps: (n, z_dim) from N(0, I).

    Returns:
        (n,) nats. Their mean estimates the ELBO.
    """
    mu, log_var = model.encode(x[None], digits.encoder)
    eps = eps.astype(np.float32)
    z = mu + np.exp(0.5 * log_var) * eps
    logits = model.decode_logits(z, np.repeat(digits.decoder, len(z), 0))
    # The Gaussians' log(2π) cancel.
    ratio = 0.5 * (eps.astype(float) ** 2 - z.astype(float) ** 2 + log_var).sum(-1)
    return np.asarray(log_likelihood(model.params, x, logits) + ratio)


def importance_bound(weights: ArrayLike, k: int) -> float:
    """An estimate of the importance-weighted bound L_K of log p(x | y).

    L_K = E[log 1/K Σ w_i] over K weights w = p(x, z | y) / q(z | x, y): Burda, Grosse &
    Salakhutdinov, Importance Weighted Autoencoders (2016), eq. 8. L_1 is the ELBO, L_K rises
    with K to log p(x | y). The expectation is the mean over consecutive groups of K weights, so
    that with the same weights a multiple of K never gives less.

    Args:
        weights: from `log_weights`, (n,); n is a multiple of k.
        k: K.
    """
    groups = np.asarray(weights, float).reshape(-1, k)
    highest = groups.max(1, keepdims=True)
    # Without the highest in front, all of exp would be 0.
    return float((highest[:, 0] + np.log(np.exp(groups - highest).mean(1))).mean())


GRID = np.arange(-40, 41) / 10
"""Coordinates of a grid of z, beyond which the prior has next to nothing."""


def integral(model: TrainedVAE, x: Floats, digit_prob: ArrayLike) -> Doubles:
    """log p(x | y) of images (n, 784) by a model whose z has two dimensions: → (n,) nats.

    log ∫ p(x | z, y) p(z) dz as a sum over a square grid (the rule of trapezoids), right to a few
    hundredths of a nat if q(z | x) is not narrower than half a step of it.

    Args:
        model: its decoder is used.
        x: the images.
        digit_prob: what the decoder gets, (10,), for all of them.
    """
    z = np.stack(np.meshgrid(GRID, GRID), -1).reshape(-1, 2).astype(np.float32)
    log_prior = -0.5 * (z.astype(float) ** 2).sum(1) - np.log(2 * np.pi)
    joint = np.empty((len(x), len(z)))
    for rows in batches(len(z)):
        digits = np.repeat(np.asarray(digit_prob, np.float32)[None], len(z[rows]), 0)
        logits = model.decode_logits(z[rows], digits)
        for i, image in enumerate(x):
            joint[i, rows] = log_likelihood(model.params, image, logits)
    joint += log_prior + 2 * np.log(GRID[1] - GRID[0])
    highest = joint.max(1, keepdims=True)
    return np.asarray(highest[:, 0] + np.log(np.exp(joint - highest).sum(1)))


def digit_elbos(model: TrainedVAE, x: Floats, eps: Floats) -> Doubles:
    """The ELBO of each digit y, a bound of log p(x | y): images (n, 784) → (n, 10) nats.

    Encoder and decoder get the digit. All digits have the same eps (samples, z_dim), so that
    chance does not tell them apart.
    """
    elbos = np.zeros((len(x), CLASSES))
    for digit in range(CLASSES):
        for rows in batches(len(x)):
            label = one_hot(np.full(len(x[rows]), digit))
            elbos[rows, digit] = elbo(model, x[rows], DigitInputs(label, label), eps)
    return elbos


def digit_posterior(elbos: ArrayLike) -> Doubles:
    """p(y | x) by Bayes' rule with the ELBOs for log p(x | y): (…, 10) → (…, 10)."""
    return softmax(np.asarray(elbos, float) + LOG_PRIOR)


def same_eps(samples: int, z_dim: int, seed: int = 0) -> Floats:
    """eps from N(0, I), always the same for a seed: (samples, z_dim)."""
    return np.random.default_rng(seed).standard_normal((samples, z_dim), np.float32)
