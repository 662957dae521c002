"""The curves of a training, as Vega-Lite specifications and on a page."""

from collections.abc import Mapping, Sequence
from math import floor, isfinite
from typing import Any

from ui import labels
from ui.charts import ACCENT, MUTED
from vae.params import Params

_LEARNED = 3
"""After so many epochs the figures before the first one are left out: they are so
large that the others could not be read."""

_POINTS = 150
"""As many points as a curve shows at most: more do not show."""

_SERIES = ("training", "test set")
_PADDING = 8
"""Pixels between a curve and the edges of its chart, so that points at the edge are whole."""

_STUMP = 0.025
"""The height of the shortest bar, as a share of the axis."""

Points = Sequence[tuple[float, float]]
Changes = Sequence[tuple[float, str, float]]
"""(epochs done, parameter, new value) of each change of a live parameter."""


_WEIGHTS = {
    "kl": "kl_weight",
    "cls": "digit_classification_weight",
    "consistency": "consistency_weight",
}
"""The parameter that is the weight of a term of the loss; the others' is 1."""


def contributions(
    terms: Mapping[str, float], epochs_done: float, params: Params, changes: Changes = ()
) -> dict[str, float]:
    """What each term adds to the loss: its value times its weight at that time.

    Args:
        terms: `recon`, `kl`, `cls` and, if there is one, `consistency`, nats.
        epochs_done: when they were measured.
        params: of the run.
        changes: of its live parameters.
    """
    used = ("recon", "kl", "cls", *(("consistency",) if params.consistency_weight else ()))
    return {
        term: terms[term] * _weight(term, epochs_done, params, changes)
        for term in used
        if term in terms
    }


def _weight(term: str, epochs_done: float, params: Params, changes: Changes) -> float:
    if term not in _WEIGHTS:
        return 1.0
    name = _WEIGHTS[term]
    known = [value for at, param, value in changes if param == name and at < epochs_done]
    return known[-1] if known else float(getattr(params, name))


def term_name(term: str, epochs_done: float, params: Params, changes: Changes = ()) -> str:
    """What a term is called as a part of the loss: "recon", "β·KL", "10·cls"."""
    if term == "kl":
        return "β·KL"
    weight = _weight(term, epochs_done, params, changes)
    return term if weight == 1 else f"{weight:g}·{term}"


def loss_sum(
    terms: Mapping[str, float], epochs_done: float, params: Params, changes: Changes = ()
) -> str:
    """The loss as its sum, "59.0 = recon 46.8 + β·KL 10.6 + 10·cls 1.6"; see `contributions`.

    The numbers are rounded such that they add up.
    """
    parts = contributions(terms, epochs_done, params, changes)
    if not all(map(isfinite, parts.values())):
        return "not a number"
    total, *values = rounded_sum(list(parts.values()), 1 if sum(parts.values()) >= 10 else 2)
    names = [term_name(term, epochs_done, params, changes) for term in parts]
    return f"{total} = " + " + ".join(map(" ".join, zip(names, values, strict=True)))


def rounded_sum(values: Sequence[float], decimals: int) -> list[str]:
    """The sum and the values as texts with so many decimals, and the texts add up.

    The largest remainder method: all are rounded down, and those with the largest remainders up.
    """
    unit = 10**decimals
    units = [floor(value * unit) for value in values]
    order = sorted(range(len(values)), key=lambda i: units[i] - values[i] * unit)
    for i in order[: round(sum(values) * unit) - sum(units)]:
        units[i] += 1
    return [f"{number / unit:,.{decimals}f}" for number in (sum(units), *units)]


def learning_curve(
    term: str,
    train: Points,
    test: Points,
    epochs: int,
    changes: Changes = (),
    log: bool = False,
    smooth: int = 1,
) -> dict[str, Any]:
    """The specification, data included, of one curve: (epoch, value) points in training and on
    the test set.

    Args:
        term: which figure it is, a name of `labels.TERMS`.
        train: the points in training.
        test: the points on the test set.
        epochs: how many the axis has room for.
        changes: are drawn as vertical lines.
        log: whether the vertical axis is logarithmic.
        smooth: of how many points of the training each shown one is the mean.
    """
    train = train[:: -(-len(train) // _POINTS) or 1]
    series = [(name, points) for name, points in zip(_SERIES, (train, test), strict=True) if points]
    rows = [
        {"epoch": epoch, "value": value, "of": name}
        for name, points in series
        for epoch, value in points
        if value > 0 or not log
    ]
    title = labels.FIGURES[term].title
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
        "scale": {"type": "log" if log else "linear", "zero": False, **_room(rows)},
        # Percentages, or four digits of the number.
        "axis": {"title": None, "tickCount": 5, "format": _axis_format(term)},
    }
    tooltip = [
        {"field": "of", "title": title},
        {"field": "epoch", "format": ".2f"},
        {"field": "value", "format": ".4f"},
    ]
    window = {
        "window": [{"op": "mean", "field": "value", "as": "value"}],
        "frame": [1 - smooth, 0],
        "sort": [{"field": "epoch"}],
    }
    layers: list[dict[str, Any]] = [
        {
            "transform": [
                {"filter": f"datum.of == '{_SERIES[0]}'"},
                *([window] if smooth > 1 else []),
            ],
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


def _axis_format(term: str) -> str:
    return ".1~%" if labels.FIGURES[term].format.endswith("%") else ",.4~r"


def _room(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The scale of a vertical axis: room for whole points, and for a single value."""
    values = [row["value"] for row in rows]
    if values and min(values) == max(values):
        some = abs(values[0]) / 10 or 1
        return {"domain": [values[0] - some, values[0] + some]}
    return {"padding": _PADDING}


def thinned(points: Sequence[Any]) -> Sequence[Any]:
    """Points of a curve that grows, without those that would add less than a fiftieth to it.

    For the browser each new curve is a new chart, which takes it a tenth of a second.
    """
    return points[: len(points) - len(points) % max(1, len(points) // 50)]


def learning_curves(
    points: Sequence[Any],
    epochs: Sequence[dict[str, float]],
    target_epochs: int,
    changes: Changes = (),
    **options: Any,
) -> dict[str, dict[str, Any]]:
    """The specification of each curve there is, by the name of its term.

    Args:
        points: the `vae.training.progress.Point`s of a training.
        epochs: the entries of a history.
        target_epochs: how many epochs the axis has room for.
        changes: of live parameters, drawn as vertical lines.
        options: those of `learning_curve`.
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
            **options,
        )
        for term in labels.TERMS
        if term != "consistency" or any("val_consistency" in e for e in epochs)
    }


def kl_bars(
    kl_per_dimension: Sequence[float], in_use: Sequence[bool] | None, most: float
) -> dict[str, Any]:
    """The specification of a bar for each latent dimension's share of the KL, in nats.

    Args:
        kl_per_dimension: how long the bars are; the shortest are drawn as stumps.
        in_use: which dimensions are in use; the others are gray. None if that is not known.
        most: for how much the axis has room.
    """
    most = max(most, 0.1)
    if in_use is None or len(in_use) != len(kl_per_dimension):
        in_use = [True] * len(kl_per_dimension)
    rows = [
        {
            "z": f"z{i}",
            "kl": kl,
            "height": max(kl, _STUMP * most),
            "used": bool(used),
        }
        for i, (kl, used) in enumerate(zip(kl_per_dimension, in_use, strict=True))
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
