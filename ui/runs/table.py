"""The table of all runs."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from ui.labels import plain
from vae.params import Params
from vae.runs.listing import Summary

_SHADE = [("background-color", "rgba(108, 99, 245, 0.22)")]
_FIGURES = {
    "epoch": "epoch",
    "loss": "val_loss",
    "recon": "val_recon",
    "KL": "val_kl",
    "accuracy": "val_accuracy",
}
_ALWAYS = ("title", "state", "started", *_FIGURES)
_COLUMNS: dict[str, Any] = {
    "title": st.column_config.TextColumn("Title", pinned=True, width=150),
    "state": "State",
    "started": st.column_config.DatetimeColumn("Started", format="D MMM YYYY, HH:mm"),
    "epoch": st.column_config.NumberColumn("Epochs", format="%d", help="Finished epochs."),
    "loss": st.column_config.NumberColumn("Loss", format="%.2f", help="On the test set."),
    "recon": st.column_config.NumberColumn(
        "Recon", format="%.2f", help="Reconstruction on the test set, nats."
    ),
    "KL": st.column_config.NumberColumn("KL", format="%.2f", help="On the test set, nats."),
    "accuracy": st.column_config.NumberColumn(
        "Accuracy", format="percent", help="Share of the test images that are read right."
    ),
    **{
        name: st.column_config.NumberColumn(format="%g")
        for name, field in Params.model_fields.items()
        if field.annotation is float
    },
    "note": st.column_config.TextColumn("Note", width="medium"),
}


def show(listed: Sequence[Summary]) -> list[Summary]:
    """Show the table, and return the runs that are selected in it."""
    chosen = _chosen(listed)
    compared = chosen if len(chosen) > 1 else listed
    names = differing(compared)
    st.caption(_about(listed, chosen))
    rows = frame(listed)[[*_ALWAYS, *names, "note"]]
    st.dataframe(
        _shaded(rows, _unusual(listed, compared, names)),
        hide_index=True,
        column_config=_COLUMNS,
        placeholder="",
        key="table",
        on_select="rerun",
        selection_mode="multi-row",
        alt="All runs with their figures and the parameters in which they differ",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_hint(chosen, names), width="stretch")
        st.download_button(
            "Table as CSV",
            lambda: csv(listed),
            file_name="runs.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    return chosen


def _shaded(rows: pd.DataFrame, cells: Sequence[tuple[int, int]]) -> Styler:
    """The table with these cells, (row, column), shaded."""
    styler = rows.style
    selectors = [f"row{row}_col{column}" for row, column in cells]
    styles = [{"props": _SHADE, "selectors": selectors}] if cells else []
    # As Styler.apply does it, but in no time: pandas makes an element of each cell, of which a
    # thousand runs have so many that the page would take a second longer.
    styler._translate = lambda *_: {"cellstyle": styles}
    return styler


def _unusual(
    listed: Sequence[Summary], compared: Sequence[Summary], names: Sequence[str]
) -> list[tuple[int, int]]:
    """The cells with values that are not what most of the compared runs have."""
    among = {summary.run.id for summary in compared}
    cells = []
    for column, name in enumerate(names, len(_ALWAYS)):
        usual = most_common([summary.run.params for summary in compared], name)
        cells += [
            (row, column)
            for row, summary in enumerate(listed)
            if summary.run.id in among and getattr(summary.run.params, name) != usual
        ]
    return cells


def _chosen(listed: Sequence[Summary]) -> list[Summary]:
    """The selected runs. Streamlit knows their rows only, and these move as runs come and go."""
    ids = [summary.run.id for summary in listed]
    drawn = st.session_state.get("listed", ids)
    rows = st.session_state.get("table", {}).get("selection", {}).get("rows", [])
    chosen = {drawn[row] for row in rows if row < len(drawn)}
    if drawn != ids:
        rows = [row for row, run_id in enumerate(ids) if run_id in chosen]
        st.session_state.table = {"selection": {"rows": rows}}
    st.session_state.listed = ids
    return [summary for summary in listed if summary.run.id in chosen]


def _about(listed: Sequence[Summary], chosen: Sequence[Summary]) -> str:
    count = f"{len(listed):,} runs" if len(listed) > 1 else "One run"
    if not chosen:
        return f"{count}."
    return f"{count}, {len(chosen) if len(chosen) > 1 else 'one'} chosen."


def _hint(chosen: Sequence[Summary], names: Sequence[str]) -> str:
    shaded = "Shaded: values that fewer of them have." if names else ""
    if len(chosen) > 1:
        return f"The parameters are those in which the chosen runs differ. {shaded}"
    tick = "others to compare them with it" if chosen else "one to work with it, several to compare"
    return f"Tick {tick}. {shaded}"


def differing(compared: Sequence[Summary]) -> list[str]:
    """The parameters that are not the same in all of these runs."""
    first, *others = (summary.run.params for summary in compared)
    return [
        name
        for name in Params.model_fields
        if any(getattr(params, name) != getattr(first, name) for params in others)
    ]


def most_common(params: Sequence[Params], name: str) -> Any:
    """The value that most of them, newest first, have; of several such the oldest."""
    return Counter(getattr(p, name) for p in reversed(params)).most_common(1)[0][0]


def frame(listed: Sequence[Summary]) -> pd.DataFrame:
    """A row for each run, with all its figures and parameters."""
    rows = []
    for summary in listed:
        run = summary.run
        rows.append(
            {
                "title": run.title,
                "state": summary.state,
                "started": run.id[len(run.name) + 1 :],
                **{column: summary.figures.get(name) for column, name in _FIGURES.items()},
                **{
                    name: plain(value) if isinstance(value, tuple) else value
                    for name, value in run.params.model_dump().items()
                },
                "note": run.note,
                "id": run.id,
            }
        )
    found = pd.DataFrame(rows)
    found["started"] = pd.to_datetime(found["started"], format="%Y%m%d-%H%M%S", errors="coerce")
    return found


def csv(listed: Sequence[Summary]) -> bytes:
    """The table with all parameters, as a CSV file."""
    return frame(listed).to_csv(index=False).encode()
