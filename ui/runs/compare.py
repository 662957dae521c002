"""Several runs: their curves in one chart."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from ui import charts
from ui.curves import CURVES
from ui.runs import actions
from ui.runs.overlay import MOST, overlay
from vae.runs.run import Run


def show(chosen: Sequence[Run]) -> None:
    """The chart, where it is called."""
    histories = {run.id: run.status().history.epochs for run in chosen[:MOST]}
    known = {name for history in histories.values() for entry in history for name in entry}
    terms = [term for term in CURVES if f"val_{term}" in known]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if terms:
            term = st.segmented_control(
                "Curve, on the test set", terms, default=terms[0], required=True, key="term"
            )
        actions.delete_button(chosen)
    if not terms:
        st.caption("None of them has finished an epoch yet.")
        return
    titles = Counter(run.title for run in chosen)
    lines = {
        run.title if titles[run.title] == 1 else f"{run.title} ({run.id})": [
            (entry["epoch"], entry[f"val_{term}"])
            for entry in histories[run.id]
            if entry["epoch"] and f"val_{term}" in entry
        ]
        for run in chosen[:MOST]
    }
    charts.show(
        overlay(CURVES[term], lines), key="overlay", alt=f"{CURVES[term]} of the chosen runs"
    )
    if len(chosen) > MOST:
        st.caption(f"Drawn are the first {MOST} of {len(chosen)}.")
