"""The table of all runs."""

from collections import Counter
from collections.abc import Sequence
from csv import QUOTE_NONNUMERIC
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from ui import labels
from ui.public import permissions
from vae import settings
from vae.params import Params
from vae.runs import store
from vae.runs.store import Summary

_SHADE = [("background-color", "rgba(108, 99, 245, 0.22)")]
_FIGURES = {
    "epoch": "epoch",
    "loss": "val_loss",
    "recon": "val_recon",
    "kl": "val_kl",
    "accuracy": "val_accuracy",
}
"""The columns of figures, and the names of these in a history."""

_ALWAYS = ("title", "state", "started", *_FIGURES)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is a formula to a spreadsheet, which may do anything."""

_WHOLE = ("epoch", *(n for n, field in Params.model_fields.items() if field.annotation is int))


def _column(name: str) -> Any:
    label = labels.FIGURES[name]
    shape = "percent" if label.format.endswith("%") else f"%{label.format}"
    return st.column_config.NumberColumn(label.name, format=shape, help=label.help or None)


_COLUMNS: dict[str, Any] = {
    "title": st.column_config.TextColumn("Title", pinned=True, width=150),
    "state": "State",
    "started": st.column_config.DatetimeColumn("Started", format="D MMM YYYY, HH:mm", width=150),
    **{name: _column(name) for name in _FIGURES},
    **{
        name: st.column_config.NumberColumn(labels.parameter(name), format="%g")
        if field.annotation is float
        else st.column_config.Column(labels.parameter(name))
        for name, field in Params.model_fields.items()
    },
    "owner": st.column_config.TextColumn("Belongs to", width=120),
    "note": st.column_config.TextColumn("Note", width="medium"),
}


def show(listed: Sequence[Summary]) -> list[Summary]:
    """Show the table, and return the runs that are selected in it."""
    chosen = _chosen(listed)
    # Those that ship differ in so much that nothing else would be seen.
    own = [summary for summary in listed if not summary.ships]
    compared = chosen if len(chosen) > 1 else own or listed
    names = differing(_params(compared))
    st.markdown(f"## {_about(listed, chosen)}")
    complete = frame(listed)
    owner = ["owner"] if settings.public() else []
    note = ["note"] if complete["note"].any() else []
    rows = complete[[*_ALWAYS, *names, *owner, *note]]
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
            partial(csv, complete),  # Whose runs they are is known in the visitor's thread alone.
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
    among = {summary.run_id for summary in compared}
    cells = []
    for column, name in enumerate(names, len(_ALWAYS)):
        usual = most_common(_params(compared), name)
        cells += [
            (row, column)
            for row, summary in enumerate(listed)
            if summary.run
            and summary.run_id in among
            and getattr(summary.run.params, name) != usual
        ]
    return cells


def _params(listed: Sequence[Summary]) -> list[Params]:
    """The parameters of those of these runs that can be read."""
    return [summary.run.params for summary in listed if summary.run]


def _chosen(listed: Sequence[Summary]) -> list[Summary]:
    """The selected runs. Streamlit keeps only their row numbers, which change with the runs."""
    ids = [summary.run_id for summary in listed]
    drawn = st.session_state.get("listed", ids)
    rows = st.session_state.get("table", {}).get("selection", {}).get("rows", [])
    chosen = {drawn[row] for row in rows if row < len(drawn)}
    if drawn != ids:
        rows = [row for row, run_id in enumerate(ids) if run_id in chosen]
        st.session_state.table = {"selection": {"rows": rows}}
    st.session_state.listed = ids
    return [summary for summary in listed if summary.run_id in chosen]


def _about(listed: Sequence[Summary], chosen: Sequence[Summary]) -> str:
    """The heading: short, since on a phone the table's buttons are beside it."""
    count = f"{len(listed):,} runs"
    if not chosen:
        return count
    return f"{count}, {len(chosen) if len(chosen) > 1 else 'one'} chosen"


def _hint(chosen: Sequence[Summary], names: Sequence[str]) -> str:
    shaded = "Shaded: values that differ from most runs." if names else ""
    if len(chosen) > 1:
        return f"The parameters are those in which the chosen runs differ. {shaded}"
    tick = "others to compare them with it" if chosen else "one to work with it, several to compare"
    keys = "By keyboard: arrows, Shift and Space to tick, Esc to leave."
    return f"Tick {tick}. {shaded} {keys}"


def differing(compared: Sequence[Params]) -> list[str]:
    """The names of those that are not the same in all of these."""
    return [
        name
        for name in Params.model_fields
        if any(getattr(params, name) != getattr(compared[0], name) for params in compared[1:])
    ]


def most_common(params: Sequence[Params], name: str) -> Any:
    """The value that most of them, newest first, have; of several such the oldest."""
    return Counter(getattr(p, name) for p in reversed(params)).most_common(1)[0][0]


def frame(listed: Sequence[Summary]) -> pd.DataFrame:
    """A row for each run, with all its figures and parameters."""
    found = pd.DataFrame([_row(summary) for summary in listed])
    found["started"] = pd.to_datetime(found["started"], format="%Y%m%d-%H%M%S", errors="coerce")
    for name in _WHOLE:  # pandas would turn those with gaps into floats.
        found[name] = found[name].astype("Int64")
    return found


def _row(summary: Summary) -> dict[str, Any]:
    run, name = summary.run, store.name_of(summary.run_id)
    figures = {column: summary.figures.get(key) for column, key in _FIGURES.items()}
    if figures["epoch"] is not None:
        figures["epoch"] = int(figures["epoch"])
    params = run.params.model_dump() if run else dict.fromkeys(Params.model_fields)
    return {
        "title": run.title if run else name,
        "state": _state(summary),
        "started": summary.run_id[len(name) + 1 :],
        **figures,
        **{
            key: labels.plain(value) if isinstance(value, tuple) else value
            for key, value in params.items()
        },
        **({"owner": permissions.owner_of(summary.run_id)} if settings.public() else {}),
        "note": run.note if run else summary.problem,
        "id": summary.run_id,
    }


def _state(summary: Summary) -> str:
    if not summary.run:
        return "damaged"
    return "ships with the app" if summary.ships else summary.state


def csv(rows: pd.DataFrame) -> bytes:
    """The rows of `frame` as a CSV file; no text in it is a formula."""
    texts = rows.copy()
    for column in ("title", "note", "id"):
        texts[column] = [f"'{t}" if t.startswith(_FORMULA) else t for t in texts[column]]
    # Quoted, since a lone carriage return would end the row for most readers.
    return texts.to_csv(index=False, quoting=QUOTE_NONNUMERIC).encode()
