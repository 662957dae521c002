"""The curves of a training, as Vega-Lite specifications and on a page."""

from collections.abc import Sequence
from typing import Any

from ui.charts import ACCENT, MUTED

CURVES = {
    "loss": "Loss",
    "recon": "Reconstruction (recon)",
    "kl": "KL divergence (kl)",
    "cls": "Classification (cls)",
    "consistency": "Consistency of drawn digits",
    "accuracy": "Accuracy on the test set",
}

LIVE_LABELS = {
    "learning_rate": "learning rate",
    "kl_weight": "KL weight β",
    "digit_classification_weight": "classification weight",
}
_LEARNED = 3
"""After so many epochs the figures before the first are left out: they dwarf the others."""

_POINTS = 150
"""As many points as a curve shows at most: more do not show."""

Points = Sequence[tuple[float, float]]
Changes = Sequence[tuple[float, str, float]]
"""(epochs done, param, new value) of each param that was turned."""


def learning_curve(
    title: str,
    train: Points,
    validation: Points,
    epochs: int,
    changes: Changes = (),
    log: bool = False,
    smooth: int = 1,
) -> dict[str, Any]:
    """The specification, data included, of one curve: (epoch, value) points of the training and
    of the validation.

    Args:
        epochs: how many the axis has room for.
        changes: are drawn as vertical lines, with what was turned.
        log: whether the vertical axis is logarithmic.
        smooth: of how many points of the training each shown one is the mean.
    """
    train = train[:: -(-len(train) // _POINTS) or 1]
    rows = [
        {"epoch": epoch, "value": value, "of": of}
        for of, points in (("train", train), ("validation", validation))
        for epoch, value in points
        if value > 0 or not log
    ]
    series = [of for of, points in (("train", train), ("validation", validation)) if points]
    color = {
        "field": "of",
        "scale": {"domain": ["train", "validation"], "range": [MUTED, ACCENT]},
        "legend": {
            "title": None,
            "orient": "top-right",
            "symbolType": "stroke",
            "rowPadding": 3,
            "values": series,
        },
    }
    x = {
        "field": "epoch",
        "type": "quantitative",
        "scale": {"domain": [0, max(epochs, 1)], "nice": False},
        "axis": {"title": None, "tickMinStep": 1, "grid": False},
    }
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"type": "log" if log else "linear", "zero": False},
        "axis": {"title": None, "tickCount": 5},
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
    is_train = {"filter": "datum.of == 'train'"}
    layers: list[dict[str, Any]] = [
        {
            "transform": [is_train, *([window] if smooth > 1 else [])],
            "mark": {"type": "line", "strokeWidth": 1.5, "clip": True},
            "encoding": {"y": y, "color": color},
        },
        {
            "transform": [{"filter": "datum.of == 'validation'"}],
            "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 28}, "clip": True},
            "encoding": {"y": y, "color": color},
        },
        {
            # All but invisible: large enough to be hit, for their tooltips.
            "mark": {
                "type": "point",
                "filled": True,
                "size": 150,
                "opacity": 0.001,
                "clip": True,
            },
            "encoding": {"y": y, "tooltip": tooltip},
        },
    ]
    if changes:
        turned = [
            {"epoch": at, "turned": f"{LIVE_LABELS[param]} → {value:g}"}
            for at, param, value in changes
        ]
        layers.append(
            {
                "data": {"values": turned},
                "mark": {"type": "rule", "color": "#e0803a", "strokeDash": [4, 3], "size": 2},
                "encoding": {"tooltip": {"field": "turned", "title": "changed"}},
            }
        )
    return {
        "data": {"values": rows},
        "height": 230,
        "title": title,
        "encoding": {"x": x},
        "layer": layers,
    }


def grown(points: Sequence[Any]) -> Sequence[Any]:
    """Points of a curve that grows, without those that would add less than a fiftieth to it.

    For the browser each new curve is a new chart, which takes it a tenth of a second.
    """
    return points[: len(points) - len(points) % max(1, len(points) // 50)]


def learning_curves(
    points: Sequence[Any],
    epochs: Sequence[dict[str, float]],
    goal: int,
    changes: Changes = (),
    **options: Any,
) -> dict[str, dict[str, Any]]:
    """The specification of each curve there is, by the name of its term.

    Args:
        points: `vae.progress.Point`s.
        epochs: the entries of a history.
        goal: how many epochs the axis has room for.
        options: those of `learning_curve`.
    """
    if len(epochs) > _LEARNED:
        epochs = [entry for entry in epochs if entry["epoch"]]
    return {
        term: learning_curve(
            title,
            [(p.epochs_done, getattr(p, term)) for p in points if hasattr(p, term)],
            [(e["epoch"], e[f"val_{term}"]) for e in epochs if f"val_{term}" in e],
            goal,
            changes,
            **options,
        )
        for term, title in CURVES.items()
        if term != "consistency" or any("val_consistency" in e for e in epochs)
    }


def kl_bars(kl_per_dimension: Sequence[float], most: float) -> dict[str, Any]:
    """The specification of a bar for each latent dimension's share of the KL, in nats.

    Args:
        most: for how much the axis has room.
    """
    rows = [{"z": f"z{i}", "kl": kl, "on": kl > ASLEEP} for i, kl in enumerate(kl_per_dimension)]
    return {
        "data": {"values": rows},
        "height": 230,
        "title": "KL of each latent dimension, nats",
        "mark": {"type": "bar", "cornerRadiusEnd": 3},
        "encoding": {
            "x": {
                "field": "z",
                "type": "ordinal",
                "sort": None,
                "axis": {"title": None, "labelAngle": 0, "ticks": False, "labelOverlap": True},
            },
            "y": {
                "field": "kl",
                "type": "quantitative",
                "scale": {"domain": [0, max(most, 0.1)]},
                "axis": {"title": None, "tickCount": 5},
            },
            "color": {"condition": {"test": "datum.on", "value": ACCENT}, "value": MUTED},
            "tooltip": [{"field": "z"}, {"field": "kl", "title": "nats", "format": ".3f"}],
        },
    }


ASLEEP = 0.01
"""A dimension with less KL than this, in nats, says nothing of the image."""
