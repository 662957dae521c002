"""Charts: Vega-Lite specifications, which Streamlit draws in its theme, and a table."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui import labels
from vae.data.mnist import Floats

ACCENT = "#6c63f5"
MUTED = "#9aa0b4"
"""Two colours that stand out on the light and on the dark page."""

TEXT = "#757a88"
"""A gray that can be read on both pages."""

_MOST_SHADE = 0.5
"""So strong is the shade of the most frequent mistake: text in the page's colour has a contrast
above 4.5 to it in both themes."""


def show(spec: dict[str, Any], key: str, alt: str) -> None:
    """Draw a specification that has its data."""
    st.vega_lite_chart(spec, width="stretch", key=key, alt=alt)


def digit_probabilities(digit_prob: Floats, sure_above: float, key: str) -> None:
    """Ten bars; the highest stands out. A line marks the confidence from which it is an answer."""
    winner = int(digit_prob.argmax())
    rows = [
        {
            "digit": digit,
            "probability": float(p),
            "text": labels.percent(float(p)),
            "winner": digit == winner,
        }
        for digit, p in enumerate(digit_prob)
    ]
    y = {
        "field": "digit",
        "type": "ordinal",
        "axis": {
            "title": None,
            "ticks": False,
            "domain": False,
            "labelFontSize": 14,
            "labelOverlap": False,
            "labelFlush": False,
        },
    }
    x = {
        "field": "probability",
        "type": "quantitative",
        "scale": {"domain": [0, 1.2]},
        "axis": None,
    }
    color = {"condition": {"test": "datum.winner", "value": ACCENT}, "value": MUTED}
    limit = [{"limit": sure_above, "text": f"sure from {labels.percent(sure_above)}"}]
    at = {"x": {**x, "field": "limit"}, "y": {"value": 0}}
    show(
        {
            "height": 230,
            "padding": {"top": 18},
            "layer": [
                {
                    "data": {"values": rows},
                    "encoding": {"y": y, "x": x},
                    "layer": [
                        {
                            "mark": {"type": "bar", "cornerRadiusEnd": 3},
                            "encoding": {"color": color},
                        },
                        {
                            "mark": {"type": "text", "align": "left", "dx": 5, "color": TEXT},
                            "encoding": {"text": {"field": "text"}},
                        },
                    ],
                },
                {
                    "data": {"values": limit},
                    "mark": {"type": "rule", "color": TEXT, "strokeDash": [4, 3]},
                    "encoding": {**at, "y2": {"value": "height"}},
                },
                {
                    "data": {"values": limit},
                    "mark": {
                        "type": "text",
                        "color": TEXT,
                        "align": "right" if sure_above > 0.5 else "left",
                        "baseline": "bottom",
                        "dy": -3,
                        "dx": 5 if sure_above > 0.5 else 0,
                    },
                    "encoding": {**at, "text": {"field": "text"}},
                },
            ],
        },
        key,
        f"Digit probabilities; the highest is {winner} with "
        f"{labels.percent(float(digit_prob[winner]))}; an answer counts as sure from "
        f"{labels.percent(sure_above)}",
    )


def latent_points(points: Floats, digits: Sequence[int], key: str) -> None:
    """A point (n, 2) for each image, coloured by its digit (n,)."""
    rows = [
        {"x": round(float(x), 2), "y": round(float(y), 2), "digit": int(digit), "number": i}
        for i, ((x, y), digit) in enumerate(zip(points, digits, strict=True))
    ]
    spec = {
        "data": {"values": rows},
        "height": 360,
        "mark": {"type": "circle", "size": 18, "opacity": 0.85},
        "encoding": {
            **{
                axis: {"field": axis, "type": "quantitative", "axis": {"title": None}}
                for axis in ("x", "y")
            },
            "color": {"field": "digit", "type": "nominal", "scale": {"scheme": "tableau10"}},
            "tooltip": [{"field": "number", "title": "test digit"}, {"field": "digit"}],
        },
    }
    show(spec, key, "Where test digits lie in z, coloured by digit")


def latents(mu: Floats, sigma: Floats, key: str) -> None:
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
    reach = max(3.0, float((abs(mu) + sigma).max()))
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
    x = {
        "field": "low",
        "type": "quantitative",
        "axis": {"title": None, "tickCount": 7},
        "scale": {"domain": [-reach, reach], "nice": False},
    }
    show(
        {
            "data": {"values": rows},
            "height": {"step": 20},
            "encoding": {"y": y, "tooltip": tooltip},
            "layer": [
                {
                    "mark": {"type": "bar", "height": 5, "cornerRadius": 3, "color": MUTED},
                    "encoding": {"x": x, "x2": {"field": "high"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 60, "color": ACCENT},
                    "encoding": {"x": {"field": "mu", "type": "quantitative"}},
                },
            ],
        },
        key,
        "Mean and standard deviation of each latent dimension",
    )


def confusion(counts: Sequence[Sequence[int]]) -> None:
    """How often each digit (rows) was read as each (columns), as a table; mistakes are shaded."""
    most = max((n for i, row in enumerate(counts) for n in (*row[:i], *row[i + 1 :])), default=0)
    head = "".join(f'<th scope="col">{digit}</th>' for digit in range(len(counts)))
    body = "".join(
        f'<tr><th scope="row">{digit}</th>'
        + "".join(_cell(digit, read, count, most) for read, count in enumerate(row))
        + "</tr>"
        for digit, row in enumerate(counts)
    )
    st.html(
        f"""
        <style>
        .confusion {{ border-collapse: separate; border-spacing: 1px; width: 100%;
            max-width: 28rem; table-layout: fixed; font-size: 0.8rem; line-height: 1.7;
            font-variant-numeric: tabular-nums; }}
        .confusion caption {{ text-align: left; font-weight: 600; font-size: 0.95rem; }}
        .confusion th {{ font-weight: 600; }}
        .confusion th, .confusion td {{ text-align: center; padding: 0; border: 0;
            border-radius: 0.2rem; }}
        .confusion .side {{ writing-mode: vertical-rl; transform: rotate(180deg); }}
        .confusion .side, .confusion .top {{ font-weight: 400; }}
        </style>
        <table class="confusion">
        <caption>Confusion matrix</caption>
        <tr><td></td><td></td><th class="top" colspan="{len(counts)}">read as</th></tr>
        <tr><th class="side" rowspan="{len(counts) + 1}">true digit</th><td></td>{head}</tr>
        {body}
        </table>
        """
    )


def _cell(digit: int, read: int, count: int, most: int) -> str:
    wrong = count if read != digit else 0
    shade = _MOST_SHADE * wrong / most if most else 0
    meaning = f"{labels.with_article(digit)} read as {labels.with_article(read)}: {count} images"
    return (
        f'<td style="background:rgba(108,99,245,{shade:.2f})" title="{meaning}">{count or ""}</td>'
    )
