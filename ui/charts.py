"""Charts, as Vega-Lite specifications: Streamlit draws them in its theme."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

ACCENT = "#6c63f5"
MUTED = "#9aa0b4"
"""Two colours that can be read on the light and on the dark page."""


def show(spec: dict[str, Any], key: str, alt: str) -> None:
    """Draw a specification that has its data."""
    st.vega_lite_chart(spec, width="stretch", key=key, alt=alt)


def _show(spec: dict[str, Any], rows: list[dict[str, Any]], key: str, alt: str) -> None:
    show({"data": {"values": rows}, **spec}, key, alt)


def digit_probabilities(digit_prob: Sequence[float], key: str) -> None:
    """Ten bars; the highest stands out."""
    winner = max(range(10), key=lambda digit: digit_prob[digit])
    rows = [
        {"digit": digit, "probability": float(p), "text": f"{p:.1%}", "winner": digit == winner}
        for digit, p in enumerate(digit_prob)
    ]
    y = {
        "field": "digit",
        "type": "ordinal",
        "axis": {"title": None, "ticks": False, "domain": False, "labelFontSize": 14},
    }
    x = {
        "field": "probability",
        "type": "quantitative",
        "scale": {"domain": [0, 1.12]},
        "axis": None,
    }
    color = {"condition": {"test": "datum.winner", "value": ACCENT}, "value": MUTED}
    _show(
        {
            "height": 230,
            "encoding": {"y": y, "x": x},
            "layer": [
                {
                    "mark": {"type": "bar", "cornerRadiusEnd": 3},
                    "encoding": {"color": color},
                },
                {
                    "mark": {"type": "text", "align": "left", "dx": 5},
                    "encoding": {"text": {"field": "text"}, "color": color},
                },
            ],
        },
        rows,
        key,
        f"Digit probabilities; the highest is {winner} with {digit_prob[winner]:.1%}",
    )


def latents(mu: Sequence[float], sigma: Sequence[float], key: str) -> None:
    """mu ± sigma of each latent dimension."""
    rows = [
        {
            "z": f"z{i}",
            "mu": float(m),
            "sigma": float(s),
            "low": float(m - s),
            "high": float(m + s),
        }
        for i, (m, s) in enumerate(zip(mu, sigma, strict=True))
    ]
    reach = max(3.0, *(abs(row[end]) for row in rows for end in ("low", "high")))
    y = {
        "field": "z",
        "type": "ordinal",
        "sort": None,
        "axis": {
            "title": None,
            "ticks": False,
            "domain": False,
            "labelOverlap": False,
            "labelFlush": False,
        },
    }
    tooltip = [
        {"field": "z", "title": "dimension"},
        {"field": "mu", "title": "μ", "format": ".2f"},
        {"field": "sigma", "title": "σ", "format": ".2f"},
    ]
    axis = {"title": None, "tickCount": 7}
    scale = {"domain": [-reach, reach], "nice": False}
    _show(
        {
            "height": {"step": 20},
            "encoding": {"y": y, "tooltip": tooltip},
            "layer": [
                {
                    "mark": {"type": "bar", "height": 5, "cornerRadius": 3, "color": MUTED},
                    "encoding": {
                        "x": {
                            "field": "low",
                            "type": "quantitative",
                            "axis": axis,
                            "scale": scale,
                        },
                        "x2": {"field": "high"},
                    },
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 60, "color": ACCENT},
                    "encoding": {"x": {"field": "mu", "type": "quantitative"}},
                },
            ],
        },
        rows,
        key,
        "Mean and standard deviation of each latent dimension",
    )


def confusion(counts: Sequence[Sequence[int]], key: str) -> None:
    """How often each digit (rows) was read as each (columns); the mistakes are what is shaded."""
    rows = [
        {"digit": digit, "read": read, "images": count, "wrong": count if read != digit else 0}
        for digit, row in enumerate(counts)
        for read, count in enumerate(row)
    ]
    axis = {"ticks": False, "domain": False, "labelAngle": 0, "grid": False}
    _show(
        {
            "height": {"step": 24},
            "title": "Which digit it takes for which",
            "encoding": {
                "y": {"field": "digit", "type": "ordinal", "axis": {**axis, "title": "is"}},
                "x": {"field": "read", "type": "ordinal", "axis": {**axis, "title": "is read as"}},
                "tooltip": [{"field": name} for name in ("digit", "read", "images")],
            },
            "layer": [
                {
                    "mark": {"type": "rect", "color": ACCENT, "cornerRadius": 2},
                    "encoding": {
                        "opacity": {
                            "field": "wrong",
                            "type": "quantitative",
                            "scale": {"range": [0, 1]},
                            "legend": None,
                        }
                    },
                },
                {
                    "transform": [{"filter": "datum.images > 0"}],
                    "mark": {"type": "text", "fontSize": 10, "color": MUTED},
                    "encoding": {"text": {"field": "images"}},
                },
            ],
        },
        rows,
        key,
        "How often each digit was read as each",
    )
