"""The curves of a training, in the browser: the loss as its sum, other figures, and KL bars."""

from bisect import bisect_left
from collections.abc import Sequence
from math import isfinite
from typing import Any

from ui.components import component
from ui.components.curves import MAX_POINTS
from ui.components.loss import contributions, term_name
from ui.shared import labels
from vae.runs.run import Run
from vae.runs.status import Status
from vae.training.progress import Point

MAX_KL_ROWS = 50
_POINTS_PER_ROW = 10

_WIDTHS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
"""Epochs that a row may stand for. The bounds of rows do not move when points are added."""

_STACKED = ("recon", "kl", "cls", "consistency")

show = component("train/curves", html='<div class="curves"></div>')


def message(run: Run, status: Status) -> dict[str, Any]:
    """The curves so far, of a bounded size."""
    history, params = status.history, run.params
    stacked = [t for t in _STACKED if t != "consistency" or params.consistent]
    rows = [mean_point(points) for points in grouped(history.points)]
    summands = [
        contributions(
            {term: getattr(point, term) for term in ("loss", *_STACKED)},
            point.epochs_done,
            params,
            history.changes,
        )
        for point in rows
    ]
    last = len(history.epochs) - 1
    validated = evenly(last + 1, MAX_POINTS)
    epochs = [history.epochs[i] for i in validated]
    lines = {}
    for term in labels.TERMS:
        validation = [_short(entry.get(f"val_{term}")) for entry in epochs]
        drawn = term in stacked or term in ("loss", "accuracy")
        if term == "loss" or (drawn and any(value is not None for value in validation)):
            figure = labels.FIGURES[term]
            lines[term] = {
                "name": figure.name,
                "decimals": int(figure.format[1]) if figure.format.endswith("%") else None,
                # The loss is the sum of its terms, and the element has these.
                "train": [_short(getattr(p, term)) for p in rows] if term in stacked else [],
                "validation": validation,
            }
    measured = [i for i in evenly(last + 1, MAX_KL_ROWS) if history.kl_per_dimension[i]]
    return {
        "run": run.id,
        "epochs": max(status.target_epochs, 1),
        "x": [round(point.epochs_done, 3) for point in rows],
        "stack": [
            {
                "key": term,
                "name": term_name(term, status.epochs_done + 1, params, history.changes),
                "values": [_short(terms[term]) or 0.0 for terms in summands],
            }
            for term in stacked
        ],
        "validatedX": [entry["epoch"] for entry in epochs],
        "lines": lines,
        "changes": [
            [round(change.epochs_done, 3), f"{labels.parameter(change.param)} → {change.value:g}"]
            for change in history.changes
        ],
        "kl": {
            "x": [history.epochs[i]["epoch"] for i in measured],
            "rows": [[_short(kl) or 0.0 for kl in history.kl_per_dimension[i]] for i in measured],
            # Before the training no dimension is in use by what was learned.
            "active": [
                [*map(int, (history.epochs[i]["epoch"] and history.active[i]) or [])]
                for i in measured
            ],
        },
    }


def evenly(count: int, limit: int) -> list[int]:
    """Every second, third, … of so many indices, at most `limit` and the last."""
    every = max(1, -(-count // limit))
    return [i for i in range(count) if i % every == 0 or i == count - 1]


def grouped(points: Sequence[Point]) -> list[list[Point]]:
    """The points in groups of the same width on the axis, at most `MAX_POINTS` or so."""
    done = points[-1].epochs_done if points else 0.0
    width = next((w for w in _WIDTHS if done / w <= MAX_POINTS), _WIDTHS[-1])
    groups, start, edge = [], 0, width
    while start < len(points):
        end = bisect_left(points, edge + 1e-9, lo=start, key=lambda point: point.epochs_done)
        if end > start:
            # A mean of a few is as good, and a long training has a hundred thousand.
            some = points[start : end - 1 : max(1, (end - start) // _POINTS_PER_ROW)]
            groups.append([*some, points[end - 1]])
        start, edge = end, edge + width
    return groups


def mean_point(points: Sequence[Point]) -> Point:
    """The means of the terms of consecutive points, at the position of the last."""
    last, count = points[-1], len(points)
    means = {t: sum(getattr(p, t) for p in points) / count for t in ("loss", *_STACKED)}
    speed = last.examples_per_second
    return Point(last.epoch, last.step, last.steps, examples_per_second=speed, **means)


def _short(value: float | None) -> float | None:
    """Four digits, which are more than a curve shows; None if it cannot be drawn."""
    return float(f"{value:.4g}") if value is not None and isfinite(value) else None
