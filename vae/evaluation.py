"""What a trained model is worth, measured with its NumPy twin."""

from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae.data.mnist import CLASSES, Data, Examples, Floats, one_hot
from vae.data.synthetic import STRONG_JITTER, draw_digit
from vae.model.numpy_model import MAX_CONTRAST, TrainedVAE, sigmoid, softmax

ACTIVE = 0.01
"""A unit is active if Var_x[mu(x)] exceeds this: Burda, Grosse & Salakhutdinov 2016, section 5."""

SURE = 0.99
"""The share of answers that must be right for the model to be called sure of them."""

CALIBRATED_ON = 5000
"""So many training images stand in for the held-out ones of a model that held out none."""

_BATCH = 1000
_BINS = 15


def with_metrics(model: TrainedVAE, data: Data) -> TrainedVAE:
    """The model with its confidence calibrated and its figures on the test set."""
    held_out = model.params.held_out or CALIBRATED_ON
    calibration = calibrate(model, data.train.part(slice(-held_out, None)))
    model = replace(model, metrics={**model.metrics, **calibration})
    return replace(model, metrics={**model.metrics, **evaluate(model, data.test)})


def calibrate(model: TrainedVAE, examples: Examples) -> dict[str, float]:
    """What makes the model's confidence honest and its synthetic_digits crisp, going by `examples`.

    Returns a dict of
        temperature: divides the logits, so that their cross-entropy is smallest (Guo et al.,
            On Calibration of Modern Neural Networks, 2017);
        sure_above: the smallest confidence, at that temperature, above which 99 % of the
            answers are right (1.0 if there is none); not on `examples`, which are neater than
            what people draw on a canvas, but on digits drawn by program with strong jitter;
        contrast: the gain of the decoder's logits (see `TrainedVAE.decode`), at most
            `MAX_CONTRAST`, with which generated digits are as gray as the examples: mean of
            x (1 - x) over the pixels.
    """
    from scipy.optimize import brentq, minimize_scalar

    logits = _by_batch(model.classify, examples.x)

    def loss(log_temperature: float) -> float:
        return float(
            _cross_entropy(logits / np.float32(np.exp(log_temperature)), examples.y).mean()
        )

    temperature = float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))
    drawn, rng = jittery_digits()
    answers = model.classify(drawn.x)
    confidence = softmax(answers / np.float32(temperature)).max(1)

    digits = examples.y[:_BATCH]
    z = deepcopy(rng).standard_normal((len(digits), model.params.z_dim), np.float32)
    pixels, gray = model.decode_logits(z, one_hot(digits)), _grayness(examples.x)

    def too_gray(contrast: float) -> float:
        return _grayness(sigmoid(np.float32(contrast) * pixels)) - gray

    return {
        "temperature": temperature,
        "sure_above": _sure_above(confidence, answers.argmax(1) == drawn.y),
        "contrast": float(brentq(too_gray, 1, MAX_CONTRAST))
        if too_gray(1) > 0 > too_gray(MAX_CONTRAST)
        else 1,
    }


@cache
def jittery_digits() -> tuple[Examples, np.random.Generator]:
    """Digits drawn by program with strong jitter, always the same, and what drew them by chance: to
    be read, and copied, only.
    """
    rng = np.random.default_rng(0)
    digits = np.arange(_BATCH, dtype=np.int32) % CLASSES
    return Examples(
        np.stack([draw_digit(d, rng, STRONG_JITTER) for d in digits.tolist()]), digits
    ), rng


def evaluate(model: TrainedVAE, examples: Examples, seed: int = 0) -> dict[str, Any]:
    """The model's figures on `examples`, means over the images.

    The decoder, and an encoder that sees the label, are given the classifier's probabilities.

    Returns a dict of
        accuracy: share of images whose digit is read right;
        cross_entropy: of the digit, nats;
        calibration_error: the expected one (ECE, Guo et al. 2017, 15 bins) of the confidence
            at the model's temperature;
        loss, recon, kl: as in training, nats, with z sampled (by `seed`) and without consistency;
        sse_sampled, sse_mean: squared error summed over the pixels, with z sampled and with
            z = mu;
        active_units: latent dimensions that carry information (see `ACTIVE`);
        confusion: ten rows, how often each digit was read as each.
    """
    rng = np.random.default_rng(seed)
    batches = [
        _figures(model, examples.x[i : i + _BATCH], rng) for i in range(0, len(examples.x), _BATCH)
    ]
    each = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    logits, right = each["logits"], each["logits"].argmax(1) == examples.y
    cross_entropy = _cross_entropy(logits, examples.y)
    confidence = model.calibrated(logits).max(1)
    params = model.params
    loss = each["recon"] + params.kl_weight * each["kl"]
    loss += params.digit_classification_weight * cross_entropy
    confusion = np.zeros((CLASSES, CLASSES), int)
    np.add.at(confusion, (examples.y, logits.argmax(1)), 1)
    return {
        "accuracy": float(right.mean()),
        "cross_entropy": float(cross_entropy.mean()),
        "calibration_error": calibration_error(confidence, right),
        "loss": float(loss.mean()),
        "recon": float(each["recon"].mean()),
        "kl": float(each["kl"].mean()),
        "sse_sampled": float(each["sse_sampled"].mean()),
        "sse_mean": float(each["sse_mean"].mean()),
        "active_units": int((each["mu"].var(0) > ACTIVE).sum()),
        "confusion": confusion.tolist(),
    }


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """How far confidence and share of right answers are apart, over 15 equal bins of the
    confidence, each by its share of the answers: (n,), (n,) → 0 to 1.
    """
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=right - confidence.astype(float), minlength=_BINS)
    return float(np.abs(gaps).sum() / len(right))


def _figures(model: TrainedVAE, x: Floats, rng: np.random.Generator) -> dict[str, Any]:
    logits = model.classify(x)
    digit_prob = softmax(logits)
    mu, log_var = model.encode(x, digit_prob)
    pixels = model.decode_logits(model.reparameterize(mu, log_var, rng), digit_prob)
    sse_sampled = ((x - sigmoid(pixels)) ** 2).sum(-1)
    if model.params.likelihood == "gaussian":
        recon = sse_sampled / (2 * model.params.decoder_std**2)
    else:
        recon = (np.logaddexp(0, pixels) - x * pixels).sum(-1)
    return {
        "logits": logits,
        "recon": recon,
        "kl": -0.5 * (1 + log_var - mu**2 - np.exp(log_var)).sum(-1),
        "sse_sampled": sse_sampled,
        "sse_mean": ((x - model.decode(mu, digit_prob)) ** 2).sum(-1),
        "mu": mu,
    }


def _grayness(x: Floats) -> float:
    return float((x * (1 - x)).mean())


def _by_batch(function: Any, x: Floats) -> Floats:
    return np.concatenate([function(x[i : i + _BATCH]) for i in range(0, len(x), _BATCH)])


def _cross_entropy(logits: Floats, y: NDArray[np.int32]) -> Floats:
    log_prob = logits - logits.max(-1, keepdims=True)
    log_prob = log_prob - np.log(np.exp(log_prob).sum(-1, keepdims=True))
    return -log_prob[np.arange(len(y)), y]


def _sure_above(confidence: Floats, right: NDArray[np.bool_]) -> float:
    order = np.argsort(-confidence)
    share_right = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share_right >= SURE)
    return float(confidence[order[enough[-1]]]) if len(enough) else 1.0
