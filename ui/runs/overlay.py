"""The curves of several runs in one chart, as a Vega-Lite specification."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from ui.shared import labels

COLORS = (
    "#6c63f5",
    "#d4691c",
    "#1f9d6b",
    "#e0488b",
    "#0f93c4",
    "#9a7b1c",
    "#7c8696",
    "#5c9a1e",
)
"""Each has a contrast above 3 to the light and to the dark page."""

MAX_LINES = 2 * len(COLORS)
"""More lines could not be distinguished: one solid and one dashed of each colour."""

_SHORT = 16
"""Two such names stand beside each other on a phone."""

_HEIGHT, _LEGEND_ROW = 340, 20


def overlay(term: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> dict[str, Any]:
    """The specification, data included, of a line for each run: (epoch, value) points by name.

    Only the first `MAX_LINES` are drawn.
    """
    names = list(lines)[:MAX_LINES]
    title = labels.FIGURES[term].title
    rows = [
        {"run": label, "epoch": epoch, "value": value}
        for label in names
        for epoch, value in lines[label]
        if isfinite(value)
    ]
    solid, dashed = [[1, 0]] * len(COLORS), [[5, 3]] * len(COLORS)
    columns = 1 if any(len(label) > _SHORT for label in names) else 2
    legend = {
        "title": None,
        "orient": "bottom",
        "offset": 6,
        "columns": columns,
        "rowPadding": 2,
        "labelLimit": 280,
        "symbolType": "stroke",
        "symbolSize": 300,
    }
    color = {
        "field": "run",
        "scale": {"domain": names, "range": COLORS * 2},
        "legend": legend,
    }
    dash = {"field": "run", "scale": {"domain": names, "range": solid + dashed}, "legend": legend}
    x = {
        "field": "epoch",
        "type": "quantitative",
        "scale": {"nice": False, "padding": 8},
        "axis": {"title": "epoch", "tickMinStep": 1, "format": "d", "grid": False},
    }
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False, "padding": 8},
        "axis": {"title": None, "tickCount": 6},
    }
    tooltip = [
        {"field": "run"},
        {"field": "epoch"},
        {"field": "value", "title": title, "format": ".4f"},
    ]
    # A click on a name in the legend leaves that line alone in full strength.
    chosen = {"name": "chosen", "select": {"type": "point", "fields": ["run"]}, "bind": "legend"}
    nearest = {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"}
    return {
        "data": {"values": rows},
        "height": _HEIGHT + _LEGEND_ROW * -(-len(names) // columns),
        "title": title,
        "encoding": {"x": x, "y": y, "color": color},
        "layer": [
            {
                "mark": {"type": "line", "strokeWidth": 2},
                "params": [chosen],
                "encoding": {
                    "strokeDash": dash,
                    "opacity": {"condition": {"param": "chosen", "value": 1}, "value": 0.12},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60},
                "params": [{"name": "at", "select": nearest}],
                "encoding": {
                    "tooltip": tooltip,
                    "opacity": {
                        "condition": {"param": "at", "empty": False, "value": 1},
                        "value": 0,
                    },
                },
            },
        ],
    }
