"""What a trained model is worth, measured with its NumPy twin."""

from typing import Any

import numpy as np

from vae.data import Examples
from vae.inference import Floats, TrainedVAE, softmax

ACTIVE = 0.01
"""A unit is active if Var_x[mu(x)] exceeds this: Burda, Grosse & Salakhutdinov 2016, section 5."""

SURE = 0.99
"""The share of answers that must be right for the model to be called sure of them."""

_BATCH = 1000


def evaluate(model: TrainedVAE, examples: Examples, seed: int = 0) -> dict[str, Any]:
    """The model's figures on `examples`, means over the images.

    Returns a dict of
        accuracy: share of images whose digit is read right;
        cross_entropy: of the digit, nats;
        sure_above: the smallest confidence above which 99 % of the answers are right (1.0
            if there is none);
        loss, recon, kl: as in training, nats, with z sampled (by `seed`) and the decoder
            given the predicted digit probabilities;
        sse_sampled, sse_mean: squared error summed over the pixels, with z sampled and with
            z = mu;
        active_units: latent dimensions that carry information (see `ACTIVE`).
    """
    rng = np.random.default_rng(seed)
    batches = [
        _figures(model, examples.x[i : i + _BATCH], examples.y[i : i + _BATCH], rng)
        for i in range(0, len(examples.x), _BATCH)
    ]
    each = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    recon = each["sse_sampled"] / (2 * model.params.decoder_std**2)
    cls_weight = model.params.digit_classification_weight
    return {
        "accuracy": float(each["right"].mean()),
        "cross_entropy": float(each["cross_entropy"].mean()),
        "sure_above": _sure_above(each["confidence"], each["right"]),
        "loss": float((recon + each["kl"] + cls_weight * each["cross_entropy"]).mean()),
        "recon": float(recon.mean()),
        "kl": float(each["kl"].mean()),
        "sse_sampled": float(each["sse_sampled"].mean()),
        "sse_mean": float(each["sse_mean"].mean()),
        "active_units": int((each["mu"].var(0) > ACTIVE).sum()),
    }


def _figures(model: TrainedVAE, x: Floats, y: Any, rng: np.random.Generator) -> dict[str, Any]:
    reconstructed, mu, log_var, digit_logits = model.call(x, rng)
    digit_prob = softmax(digit_logits)
    at_mean = model.decode(mu, digit_prob)
    log_prob = digit_logits - digit_logits.max(-1, keepdims=True)
    log_prob -= np.log(np.exp(log_prob).sum(-1, keepdims=True))
    return {
        "right": digit_logits.argmax(-1) == y,
        "confidence": digit_prob.max(-1),
        "cross_entropy": -log_prob[np.arange(len(y)), y],
        "kl": -0.5 * (1 + log_var - mu**2 - np.exp(log_var)).sum(-1),
        "sse_sampled": ((x - reconstructed) ** 2).sum(-1),
        "sse_mean": ((x - at_mean) ** 2).sum(-1),
        "mu": mu,
    }


def _sure_above(confidence: Floats, right: Any) -> float:
    order = np.argsort(-confidence)
    share_right = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share_right >= SURE)
    return float(confidence[order[enough[-1]]]) if len(enough) else 1.0
