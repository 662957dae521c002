"""How good a trained model is on a set of images, computed by the NumPy model."""

from dataclasses import replace
from typing import Any

import numpy as np

from vae.analysis.bounds import kl_per_dimension, log_likelihood
from vae.analysis.calibration import (
    GAUSSIAN_SIZE,
    calibrate,
    calibration_error,
    cross_entropy,
    fit_gaussians,
)
from vae.analysis.latent import active_units
from vae.data.mnist import CLASSES, Data, Examples, Floats
from vae.model.numpy_model import TrainedVAE, batches, sigmoid, softmax


def with_metrics(model: TrainedVAE, data: Data) -> TrainedVAE:
    """The model with all that is measured after a training.

    It is calibrated on images held out from its training, has a Gaussian for each digit and
    its metrics on the test set.
    """
    calibration = calibrate(model, data)
    gaussians = fit_gaussians(model, data.train.part(slice(GAUSSIAN_SIZE)))
    model = replace(model, metrics={**model.metrics, **calibration}, digit_gaussians=gaussians)
    return replace(model, metrics={**model.metrics, **evaluate(model, data.test)})


def evaluate(model: TrainedVAE, examples: Examples, seed: int = 0) -> dict[str, Any]:
    """The model's metrics on `examples`, at least one; means over the images.

    The decoder, and an encoder that sees the label, get the classifier's probabilities.

    Args:
        seed: of the random z.

    Returns:
        accuracy: share of the images whose digit is recognized, 0 to 1;
        cross_entropy: of the digit, nats;
        calibration_error: expected calibration error of the confidence, at the model's
            temperature, 0 to 1;
        loss, recon, kl: as in training, nats, with z sampled and without the consistency term;
        sse_sampled, sse_mean: squared error summed over the pixels, with z sampled and with
            z = mu;
        active_units: number of active latent dimensions (see `vae.analysis.latent.active_units`);
        confusion: 10 × 10 counts, one row for each true digit, one column for each answer.
    """
    rng = np.random.default_rng(seed)
    parts = [_figures(model, examples.x[rows], rng) for rows in batches(len(examples.x))]
    each = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    logits, right = each["logits"], each["logits"].argmax(1) == examples.y
    cls = cross_entropy(logits, examples.y)
    confidence = model.calibrated(logits).max(1)
    loss = each["recon"] + model.params.kl_weight * each["kl"]
    loss += model.params.digit_classification_weight * cls
    confusion = np.zeros((CLASSES, CLASSES), int)
    np.add.at(confusion, (examples.y, logits.argmax(1)), 1)
    return {
        "accuracy": float(right.mean()),
        "cross_entropy": float(cls.mean()),
        "calibration_error": calibration_error(confidence, right),
        "loss": float(loss.mean()),
        **{name: float(each[name].mean()) for name in ("recon", "kl", "sse_sampled", "sse_mean")},
        "active_units": int(active_units(each["mu"]).sum()),
        "confusion": confusion.tolist(),
    }


def _figures(model: TrainedVAE, x: Floats, rng: np.random.Generator) -> dict[str, Any]:
    """What the metrics are computed from, one row for each image."""
    logits = model.classify(x)
    digit_prob = softmax(logits)
    mu, log_var = model.encode(x, digit_prob)
    pixels = model.decode_logits(model.reparameterize(mu, log_var, rng), digit_prob)
    return {
        "logits": logits,
        "recon": -log_likelihood(model.params, x, pixels),
        "kl": kl_per_dimension(mu, log_var).sum(-1),
        "sse_sampled": ((x - sigmoid(pixels)) ** 2).sum(-1),
        "sse_mean": ((x - model.decode(mu, digit_prob)) ** 2).sum(-1),
        "mu": mu,
    }
