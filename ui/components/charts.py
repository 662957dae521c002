"""Charts: Vega-Lite specifications, which Streamlit draws in its theme, and a table."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.shared import labels

ACCENT = "#6c63f5"
MUTED = "#9aa0b4"
"""Two colours that stand out on the light and on the dark page."""

_MOST_SHADE = 0.5
"""So strong is the shade of the most frequent mistake: text in the page's colour has a contrast
above 4.5 to it in both themes."""


def show(spec: dict[str, Any], key: str, alt: str) -> None:
    """Draw a specification that has its data."""
    st.vega_lite_chart(spec, width="stretch", key=key, alt=alt)


def confusion(counts: Sequence[Sequence[int]], images: str) -> None:
    """How often each digit (rows) of these images was read as each (columns), as a table."""
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
        <caption>Confusion matrix of {images}</caption>
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
