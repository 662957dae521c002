"""The table of all runs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from csv import QUOTE_NONNUMERIC
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from ui.public import permissions
from ui.shared import address, labels
from vae import settings
from vae.params import Params
from vae.public.names import all_names
from vae.runs.store import Summary

_SHADE = "background-color: rgba(108, 99, 245, 0.22)"
_MAX_CELLS = 50_000
"""Of a larger table no cell is shaded: pandas would take more than half a second."""

_CHOSEN, _LISTED = "chosen_runs", "listed"
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
    compared = chosen if len(chosen) > 1 else own if len(own) > 1 else listed
    names = differing(_params(compared))
    st.markdown(f"## {_about(listed, chosen)}")
    complete = frame(listed)
    owner = ["owner"] if settings.public() else []
    note = ["note"] if complete["note"].any() else []
    rows = complete[[*_ALWAYS, *names, *owner, *note]]
    unusual = _unusual(listed, compared, names)
    st.dataframe(
        _shaded(rows, unusual),
        hide_index=True,
        column_config=_COLUMNS,
        placeholder="",
        key="table",
        on_select="rerun",
        selection_mode="multi-row",
        alt="All runs with their figures and the parameters in which they differ",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        figures = "The figures are those of the last validation."
        st.caption(f"{_hint(chosen, bool(unusual))} {figures}", width="stretch")
        st.download_button(
            "Table as CSV",
            partial(csv, complete),  # Whose runs they are is known in the visitor's thread alone.
            file_name="runs.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    return chosen


def _shaded(rows: pd.DataFrame, cells: Sequence[tuple[int, int]]) -> pd.DataFrame | Styler:
    """The table with these cells, (row, column), shaded."""
    if not cells or rows.size > _MAX_CELLS:
        return rows
    styles = pd.DataFrame("", rows.index, rows.columns)
    for row, column in cells:
        styles.iat[row, column] = _SHADE
    return rows.style.format(na_rep="").apply(lambda _: styles, axis=None)


def _unusual(
    listed: Sequence[Summary], compared: Sequence[Summary], names: Sequence[str]
) -> list[tuple[int, int]]:
    """The cells with values that most of the compared runs do not have."""
    among = {summary.run_id for summary in compared}
    cells = []
    for column, name in enumerate(names, len(_ALWAYS)):
        most = usual([getattr(params, name) for params in _params(compared)])
        cells += [
            (row, column)
            for row, summary in enumerate(listed)
            if summary.run
            and summary.run_id in among
            and most not in (None, getattr(summary.run.params, name))
        ]
    return cells


def _params(listed: Sequence[Summary]) -> list[Params]:
    """The parameters of those of these runs that can be read."""
    return [summary.run.params for summary in listed if summary.run]


def _chosen(listed: Sequence[Summary]) -> list[Summary]:
    """The selected runs, or the one that the address names.

    Streamlit keeps only their row numbers, which change with the runs, and not on other pages.
    """
    state = st.session_state
    ids = [summary.run_id for summary in listed]
    drawn = state.get(_LISTED, ids)
    chosen = state.get(_CHOSEN, [])
    if "table" in state:
        chosen = [drawn[row] for row in state.table["selection"]["rows"] if row < len(drawn)]
    wanted = address.pop("run")
    if wanted in ids:
        chosen = [wanted]
    elif wanted is not None:
        address.warn(address.missing("run", wanted, "all runs"))
    if drawn != ids or "table" not in state or wanted:
        rows = [row for row, run_id in enumerate(ids) if run_id in chosen]
        state.table = {"selection": {"rows": rows}}
    state[_LISTED], state[_CHOSEN] = ids, chosen
    return [summary for summary in listed if summary.run_id in chosen]


def _about(listed: Sequence[Summary], chosen: Sequence[Summary]) -> str:
    """The heading: short, since on a phone the table's buttons are beside it."""
    count = f"{len(listed):,} runs"
    if not chosen:
        return count
    return f"{count}, {len(chosen) if len(chosen) > 1 else 'one'} chosen"


def _hint(chosen: Sequence[Summary], is_shaded: bool) -> str:
    if len(chosen) > 1:
        shaded = "Shaded: values that differ from those of most of them." if is_shaded else ""
        return f"The parameters are those in which the chosen runs differ. {shaded}"
    shaded = "Shaded: values that differ from those of most runs." if is_shaded else ""
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


def usual(values: Sequence[Any]) -> Any:
    """The value that more than half of these are; None if there is none."""
    most, count = Counter(values).most_common(1)[0]
    return most if 2 * count > len(values) else None


def frame(listed: Sequence[Summary]) -> pd.DataFrame:
    """A row for each run, with all its figures and parameters."""
    names = all_names() if settings.public() else {}
    found = pd.DataFrame([_row(summary, names) for summary in listed])
    found["started"] = pd.to_datetime(found["started"], format="%Y%m%d-%H%M%S", errors="coerce")
    for name in _WHOLE:  # pandas would turn those with gaps into floats.
        found[name] = found[name].astype("Int64")
    return found


def _row(summary: Summary, names: Mapping[str, str]) -> dict[str, Any]:
    run = summary.run
    name, *started = summary.run_id.rsplit("-", 2)
    figures = {column: summary.figures.get(key) for column, key in _FIGURES.items()}
    if figures["epoch"] is not None:
        figures["epoch"] = int(figures["epoch"])
    params = run.params.model_dump() if run else dict.fromkeys(Params.model_fields)
    return {
        "title": run.title if run else name,
        "state": _state(summary),
        "started": "-".join(started),
        **figures,
        **{
            key: labels.plain(value) if isinstance(value, tuple) else value
            for key, value in params.items()
        },
        **({"owner": permissions.owner_of(summary.ownership, names)} if settings.public() else {}),
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
    for column in {"title", "note", "id", "owner"} & {*texts.columns}:
        texts[column] = [f"'{t}" if t.startswith(_FORMULA) else t for t in texts[column]]
    # Quoted, since a lone carriage return would end the row for most readers.
    return texts.to_csv(index=False, quoting=QUOTE_NONNUMERIC).encode()
