"""Several runs: their curves in one chart."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from ui.components import charts
from ui.runs import deletion
from ui.runs.overlay import MAX_LINES, overlay
from ui.shared import labels
from vae.runs.store import Summary


def show(chosen: Sequence[Summary]) -> None:
    """The chart, where it is called."""
    runs = [summary.run for summary in chosen if summary.run]
    histories = {run.id: run.status().history.epochs for run in runs[:MAX_LINES]}
    known = {name for history in histories.values() for entry in history for name in entry}
    terms = [term for term in labels.TERMS if f"val_{term}" in known]
    term = ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if terms:
            term = st.segmented_control(
                "Curve of the validation",
                terms,
                format_func=lambda term: labels.FIGURES[term].name,
                default=terms[0],
                required=True,
                key="term",
            )
        deletion.button(chosen)
    if not term:
        st.caption("None of them has finished an epoch yet.")
        return
    titles = Counter(run.title for run in runs)
    lines = {
        run.title if titles[run.title] == 1 else f"{run.title} ({run.id})": [
            (entry["epoch"], entry[f"val_{term}"])
            for entry in histories[run.id]
            if entry["epoch"] and f"val_{term}" in entry
        ]
        for run in runs[:MAX_LINES]
    }
    name = labels.FIGURES[term].name
    charts.show(overlay(term, lines), key="overlay", alt=f"{name} of the chosen runs")
    if len(runs) > MAX_LINES:
        st.caption(f"The chart shows the first {MAX_LINES} of {len(runs)}.")
