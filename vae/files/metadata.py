"""The metrics and the history in a model's file: their names and bounds."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vae.data.mnist import CLASSES, PIXELS
from vae.errors import WeightsError
from vae.model.numpy_model import MAX_CONTRAST
from vae.params import bounds

_SHARE = (0.0, 1.0)
_ANY = (-float(np.finfo(np.float32).max), float(np.finfo(np.float32).max))
_POSITIVE = (0.0, _ANY[1])

METRICS: Mapping[str, tuple[float, float]] = {
    "accuracy": _SHARE,
    "cross_entropy": _POSITIVE,
    "calibration_error": _SHARE,
    "temperature": (0.001, 1000.0),
    "sure_above": _SHARE,
    "contrast": (1.0, MAX_CONTRAST),
    "loss": _ANY,
    "recon": _ANY,
    "kl": _ANY,  # Rounding can make it a little negative.
    "sse_sampled": (0.0, PIXELS),
    "sse_mean": (0.0, PIXELS),
    "active_units": (0, bounds("z_dim").high),
}
"""Bounds of each metric but `confusion` and `quality`; `vae.analysis.evaluation` explains them."""

QUALITY: Mapping[str, tuple[float, float]] = {
    "accuracy": _SHARE,
    "sse_mean": (0.0, PIXELS),
    "fidelity": _SHARE,
    "worst_fidelity": _SHARE,
    "worst_digit": (0, CLASSES - 1),
    "fidelity_by_pixels": _SHARE,
    "swap": _SHARE,
    "frechet": _POSITIVE,
    "diversity": _POSITIVE,
    "recall": _SHARE,
}
"""Bounds of the entries of `quality`; see `benchmarks/quality.py` for their meaning."""

OF_LABELS = {
    "fidelity",
    "worst_fidelity",
    "worst_digit",
    "fidelity_by_pixels",
    "swap",
    "diversity",
}
"""The entries of `quality` that a model without labels does not have: no digit is asked for."""

HISTORY: Mapping[str, tuple[float, float]] = {
    "epoch": (0, bounds("epochs").high),
    **{
        f"{prefix}{term}": _ANY
        for prefix in ("", "val_")
        for term in ("loss", "recon", "kl", "cls", "consistency")
    },
    "val_accuracy": _SHARE,
}
"""Bounds of the entries of an epoch in the history."""

_INTEGERS = ("active_units", "worst_digit", "epoch")

MAX_COUNT = 10**9
"""Largest number in a confusion matrix."""


def check_metrics(metrics: Any) -> dict[str, Any]:
    """The known metrics of a file.

    Raises:
        WeightsError: if one is of the wrong type or out of bounds, or `quality` is incomplete.
    """
    if not isinstance(metrics, dict):
        raise WeightsError("its metrics are not a table of names and numbers.")
    checked: dict[str, Any] = _numbers("metrics", metrics, METRICS)
    if "confusion" in metrics:
        checked["confusion"] = _confusion(metrics["confusion"])
    if "quality" in metrics:
        quality = _numbers("quality", metrics["quality"], QUALITY)
        needed = QUALITY.keys() - (set() if quality.keys() & OF_LABELS else OF_LABELS)
        if missing := needed - quality.keys():
            raise WeightsError(f"its quality has no {min(missing)}.")
        checked["quality"] = quality
    return checked


def check_history(history: Any) -> list[dict[str, float]]:
    """The known numbers of each epoch of a file.

    Raises:
        WeightsError: if there are more epochs than a training can have, or a number is of the
            wrong type, out of bounds or missing.
    """
    limit = int(bounds("epochs").high)
    if not isinstance(history, list) or len(history) > limit:
        raise WeightsError(f"its history is not a list of at most {limit} epochs.")
    epochs = [_numbers("history", epoch, HISTORY) for epoch in history]
    for name in ("epoch", "loss", "val_loss"):
        if not all(name in epoch for epoch in epochs):
            raise WeightsError(f"its history has an epoch without {name}.")
    return epochs


def _numbers(
    what: str, table: Any, limits: Mapping[str, tuple[float, float]]
) -> dict[str, int | float]:
    if not isinstance(table, dict):
        raise WeightsError(f"its {what} is not a table of names and numbers.")
    known = {name: table[name] for name in limits if name in table}
    for name, value in known.items():
        kinds = (int,) if name in _INTEGERS else (int, float)
        low, high = limits[name]
        # The comparison is false for what is not a number, NaN, and exact for huge integers.
        if type(value) not in kinds or not low <= value <= high:
            noun = "a whole number" if name in _INTEGERS else "a number"
            raise WeightsError(f"{name} in its {what} is not {noun} between {low:g} and {high:g}.")
    return known


def _confusion(table: Any) -> list[list[int]]:
    rows = table if isinstance(table, list) else []
    if len(rows) != CLASSES or not all(
        isinstance(row, list)
        and len(row) == CLASSES
        and all(type(count) is int and 0 <= count <= MAX_COUNT for count in row)
        for row in rows
    ):
        raise WeightsError(
            f"its confusion matrix is not {CLASSES} × {CLASSES} counts from 0 to {MAX_COUNT:,}."
        )
    return rows
