"""The curves of a training, as Vega-Lite specifications and on a page."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from ui.components.charts import ACCENT, MUTED
from ui.components.loss import Changes
from ui.shared import labels

_LEARNED = 3
"""After so many epochs the figures before the first one are left out: they are so
large that the others could not be read."""

MAX_POINTS = 150
"""As many points as a curve shows at most: more do not show."""

_SERIES = ("training", "validation")
_PADDING = 8
"""Pixels between a curve and the edges of its chart, so that points at the edge are whole."""

_STUMP = 0.025
"""The height of the shortest bar, as a share of the axis."""

Points = Sequence[tuple[float, float]]


def learning_curve(
    term: str, train: Points, validation: Points, epochs: int, changes: Changes = ()
) -> dict[str, Any]:
    """The specification, data included, of one curve: (epoch, value) points in training and in
    the validation.

    Args:
        term: which figure it is, a name of `labels.TERMS`.
        train: the points in training.
        validation: the points in the validation.
        epochs: how many the axis has room for.
        changes: are drawn as vertical lines.
    """
    train = train[:: -(-len(train) // MAX_POINTS) or 1]
    series = [
        (name, points) for name, points in zip(_SERIES, (train, validation), strict=True) if points
    ]
    rows = [
        {"epoch": epoch, "value": value, "of": name}
        for name, points in series
        for epoch, value in points
        if isfinite(value)
    ]
    title = labels.FIGURES[term].title
    # Percentages, or four digits of the number.
    axis_format = ".1~%" if labels.FIGURES[term].format.endswith("%") else ",.4~r"
    color = {
        "field": "of",
        "scale": {"domain": list(_SERIES), "range": [MUTED, ACCENT]},
        "legend": {
            "title": None,
            "orient": "top",
            "offset": 4,
            "symbolType": "stroke",
            "values": [name for name, _ in series],
        },
    }
    x = {
        "field": "epoch",
        "type": "quantitative",
        "scale": {"domain": [0, max(epochs, 1)], "nice": False, "padding": _PADDING},
        "axis": {
            "title": "epoch",
            "titlePadding": 2,
            "tickMinStep": 1,
            "format": "d",
            "grid": False,
        },
    }
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False, **_room(rows)},
        "axis": {"title": None, "tickCount": 5, "format": axis_format},
    }
    tooltip = [
        {"field": "of", "title": title},
        {"field": "epoch", "format": ".2f"},
        {"field": "value", "format": ".4f"},
    ]
    layers: list[dict[str, Any]] = [
        {
            "transform": [{"filter": f"datum.of == '{_SERIES[0]}'"}],
            "mark": {"type": "line", "strokeWidth": 1.5},
            "encoding": {"y": y, "color": color},
        },
        {
            "transform": [{"filter": f"datum.of == '{_SERIES[1]}'"}],
            "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 28}},
            "encoding": {"y": y, "color": color},
        },
        {
            # All but invisible: large enough to be hit, for their tooltips.
            "mark": {"type": "point", "filled": True, "size": 150, "opacity": 0.001},
            "encoding": {"y": y, "tooltip": tooltip},
        },
    ]
    if changes:
        marks = [
            {"epoch": at, "change": f"{labels.parameter(param)} → {value:g}"}
            for at, param, value in changes
        ]
        layers.append(
            {
                "data": {"values": marks},
                "mark": {"type": "rule", "color": "#e0803a", "strokeDash": [4, 3], "size": 2},
                "encoding": {"tooltip": {"field": "change", "title": "changed"}},
            }
        )
    return {
        "data": {"values": rows},
        "height": 270,
        "title": {"text": title, "offset": 2},
        "encoding": {"x": x},
        "layer": layers,
    }


def _room(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The scale of a vertical axis: room for whole points, and for a single value."""
    values = [row["value"] for row in rows]
    if values and min(values) == max(values):
        some = abs(values[0]) / 10 or 1
        return {"domain": [values[0] - some, values[0] + some]}
    return {"padding": _PADDING}


def learning_curves(
    points: Sequence[Any],
    epochs: Sequence[dict[str, float]],
    target_epochs: int,
    changes: Changes = (),
) -> dict[str, dict[str, Any]]:
    """The specification of each curve there is, by the name of its term.

    Args:
        points: the `vae.training.progress.Point`s of a training.
        epochs: the entries of a history.
        target_epochs: how many epochs the axis has room for.
        changes: of live parameters, drawn as vertical lines.
    """
    if len(epochs) > _LEARNED:
        epochs = [entry for entry in epochs if entry["epoch"]]
    return {
        term: learning_curve(
            term,
            [(p.epochs_done, getattr(p, term)) for p in points if hasattr(p, term)],
            [(e["epoch"], e[f"val_{term}"]) for e in epochs if f"val_{term}" in e],
            target_epochs,
            changes,
        )
        for term in labels.TERMS
        if term != "consistency" or any("val_consistency" in e for e in epochs)
    }


def kl_bars(kl_per_dimension: Sequence[float], in_use: Sequence[bool] | None) -> dict[str, Any]:
    """The specification of a bar for each latent dimension's share of the KL, in nats.

    Args:
        kl_per_dimension: how long the bars are; the shortest are drawn as stumps.
        in_use: which dimensions are in use; the others are gray. None if that is not known.
    """
    finite = [kl for kl in kl_per_dimension if isfinite(kl)]
    most = max(1.05 * max(finite, default=0), 0.1)
    in_use = in_use or [True] * len(kl_per_dimension)
    rows = [
        {"z": f"z{i}", "kl": kl, "height": max(kl, _STUMP * most), "used": bool(used)}
        for i, (kl, used) in enumerate(zip(kl_per_dimension, in_use, strict=True))
        if isfinite(kl)
    ]
    return {
        "data": {"values": rows},
        "height": 230,
        "title": {"text": "KL divergence by dimension, nats", "offset": 10},
        "mark": {"type": "bar", "cornerRadiusEnd": 3},
        "encoding": {
            "x": {
                "field": "z",
                "type": "ordinal",
                "sort": None,
                "axis": {"title": None, "labelAngle": 0, "ticks": False, "labelOverlap": True},
            },
            "y": {
                "field": "height",
                "type": "quantitative",
                "scale": {"domain": [0, most]},
                "axis": {"title": None, "tickCount": 5},
            },
            "color": {"condition": {"test": "datum.used", "value": ACCENT}, "value": MUTED},
            "tooltip": [{"field": "z"}, {"field": "kl", "title": "nats", "format": ".3f"}],
        },
    }
