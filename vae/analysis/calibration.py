"""What is measured on examples after a training: confidence, contrast, and each digit's z."""

from copy import deepcopy
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vae.analysis.latent import MAX_Z
from vae.data.mnist import CLASSES, Data, Examples, Floats, one_hot
from vae.data.synthetic import STRONG_JITTER, draw_digit
from vae.model.numpy_model import (
    BATCH,
    MAX_CONTRAST,
    SURE_ACCURACY,
    DigitGaussians,
    TrainedVAE,
    batches,
    sigmoid,
    softmax,
)

CONTRAST_SIZE = 5000
"""Training images, the last ones, with which the contrast of generated digits is compared."""

MAX_LOG_TEMPERATURE = 3.0
"""Temperatures are searched for between exp(-3) = 0.05 and exp(3) = 20."""

GAUSSIAN_SIZE = 10_000
"""Training images to which the Gaussians of the digits are fitted: the first ones. With all
60,000, the generated digits are as good as with these.
"""

_BINS = 15


def calibrate(model: TrainedVAE, data: Data) -> dict[str, float]:
    """Three numbers that make the model's confidence match its accuracy, and its digits crisp.

    Args:
        model: a trained model.
        data: what it was trained on, with what was held out from its training.

    Returns:
        temperature: divides the digit logits, so that their cross-entropy on the images held out
            is smallest (Guo et al., On Calibration of Modern Neural Networks, 2017); 1 if none
            were held out;
        sure_above: the smallest confidence, at that temperature, above which the accuracy is
            `SURE_ACCURACY` (1.0 if there is none). It is measured on `calibration_digits`:
            MNIST is neater than what people draw on a canvas;
        contrast: factor of the decoder's logits (see `TrainedVAE.decode`), 1 to `MAX_CONTRAST`,
            at which generated digits have as many gray pixels as the last `CONTRAST_SIZE`
            training images: the mean of x (1 − x) over the pixels, which is 0 for black and for
            white.
    """
    temperature = 1.0
    if model.params.held_out:
        _, held_out = data.split(model.params.held_out)
        parts = [model.classify(held_out.x[rows]) for rows in batches(len(held_out.x))]
        temperature = _temperature(np.concatenate(parts), held_out.y)
    digits, rng = calibration_digits()
    logits = model.classify(digits.x)
    confidence = softmax(logits / np.float32(temperature)).max(1)
    return {
        "temperature": temperature,
        "sure_above": sure_above(confidence, logits.argmax(1) == digits.y),
        "contrast": _contrast(model, data.train.part(slice(-CONTRAST_SIZE, None)), deepcopy(rng)),
    }


def fit_gaussians(model: TrainedVAE, examples: Examples) -> DigitGaussians | None:
    """A Gaussian for each digit, fitted to q(z | x) of the examples of that digit.

    Its mean is that of mu; its covariance is that of mu plus the mean sigma² on the diagonal.
    So it has the mean and the covariance of z sampled from q(z | x) for a random example.
    Fitted to mu alone, digits vary less: in `conv` 2 or 3 more in 100 test images are unlike all
    generated ones, and 1 more in 2,000 generated digits is the one asked for.

    The encoder gets what it got in training. A digit with at most z_dim examples keeps the
    prior, N(0, I): its covariance would be singular.

    Args:
        model: its encoder is used.
        examples: images that the model was trained on.

    Returns:
        None if the encoder gives numbers that are not finite or larger than a file may hold.
    """
    dimensions = model.params.z_dim
    mean = np.zeros((CLASSES, dimensions), np.float32)
    root = np.tile(np.eye(dimensions, dtype=np.float32), (CLASSES, 1, 1))
    with np.errstate(all="ignore"):
        for digit in range(CLASSES):
            x = examples.x[examples.y == digit]
            if len(x) <= dimensions:
                continue
            label = one_hot(np.full(len(x), digit))
            parts = [model.encode(x[rows], label[rows]) for rows in batches(len(x))]
            mu, log_var = (np.concatenate(part).astype(float) for part in zip(*parts, strict=True))
            covariance = np.cov(mu.T, ddof=0).reshape(dimensions, dimensions)
            covariance += np.diag(np.exp(log_var).mean(0))
            if not np.isfinite(covariance).all():
                return None
            values, vectors = np.linalg.eigh(covariance)
            mean[digit] = mu.mean(0)
            root[digit] = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    largest = max(np.abs(mean).max(), np.abs(root).max())
    return DigitGaussians(mean, root) if largest <= MAX_Z else None


def _temperature(logits: Floats, y: NDArray[np.int32]) -> float:
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        return float(cross_entropy(logits / np.float32(np.exp(log_temperature)), y).mean())

    bounds = (-MAX_LOG_TEMPERATURE, MAX_LOG_TEMPERATURE)
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def _contrast(model: TrainedVAE, examples: Examples, rng: np.random.Generator) -> float:
    from scipy.optimize import brentq

    digits = examples.y[:BATCH]
    z = rng.standard_normal((len(digits), model.params.z_dim), np.float32)
    logits, target = model.decode_logits(z, one_hot(digits)), _grayness(examples.x)

    def excess(contrast: float) -> float:
        return _grayness(sigmoid(np.float32(contrast) * logits)) - target

    if excess(1) > 0 > excess(MAX_CONTRAST):
        return float(brentq(excess, 1, MAX_CONTRAST))
    return 1.0


@cache
def calibration_digits() -> tuple[Examples, np.random.Generator]:
    """1,000 synthetic digits with `STRONG_JITTER`, always the same, and the generator after them.

    Computed once in a process. Do not change either; copy the generator before using it.
    """
    rng = np.random.default_rng(0)
    digits = np.arange(BATCH, dtype=np.int32) % CLASSES
    images = [draw_digit(digit, rng, STRONG_JITTER) for digit in digits.tolist()]
    return Examples(np.stack(images), digits), rng


def sure_above(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """The smallest confidence above which `SURE_ACCURACY` of the answers are right, else 1.0.

    Args:
        confidence: of each answer, (n,).
        right: whether the answer is right, (n,).
    """
    order = np.argsort(-confidence)
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(accuracy >= SURE_ACCURACY)
    return float(confidence[order[enough[-1]]]) if len(enough) else 1.0


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error: (n,) confidences, (n,) right or not → 0 to 1.

    The difference between mean confidence and accuracy in each of 15 equal bins of the
    confidence, averaged with each bin's share of the answers as its weight (Guo et al. 2017).
    """
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=right - confidence.astype(float), minlength=_BINS)
    return float(np.abs(gaps).sum() / len(right))


def cross_entropy(logits: Floats, y: NDArray[np.int32]) -> Floats:
    """-log of the probability of y: logits (n, 10), digits (n,) → (n,) nats."""
    log_prob = logits - logits.max(-1, keepdims=True)
    log_prob = log_prob - np.log(np.exp(log_prob).sum(-1, keepdims=True))
    return -log_prob[np.arange(len(y)), y]


def _grayness(x: Floats) -> float:
    return float((x * (1 - x)).mean())
