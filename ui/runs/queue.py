"""The runs that wait for a worker, and a look every few seconds at what has changed."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.callbacks import escaped, show_action_error, try_action
from vae.errors import RunError
from vae.runs import dispatcher, queue
from vae.runs import run as runs
from vae.runs.listing import Summary

_SECONDS = 3
_ROWS_SHOWN = 6
"""A longer line has a window to be scrolled in."""


def show(listed: Sequence[Summary]) -> None:
    """The line, as long as it has anybody in it."""
    at_work = [s.run.id for s in listed if s.state in ("starting", "running")]
    waiting = queue.ids()
    if waiting:
        try_action(dispatcher.ensure_dispatcher)  # A server that was started anew has none yet.
    every = _SECONDS if at_work or waiting else None
    st.fragment(_line, run_every=every)(at_work, _glance(at_work))


def _glance(at_work: Sequence[str]) -> Any:
    """What the page shows of the runs that move."""
    seen = []
    for run_id in at_work:
        try:
            status = runs.get(run_id).status()
            seen.append((status.state, len(status.history.epochs)))
        except RunError:
            seen.append(("deleted", 0))
    return runs.ids(), sorted(queue.ids()), seen


def _line(at_work: Sequence[str], drawn: Any) -> None:
    if _glance(at_work) != drawn:
        st.rerun()
    waiting = queue.ids()
    if not waiting:
        return
    st.markdown(f"**Waiting to be trained: {len(waiting)}**")
    show_action_error()
    with st.container(height=_ROWS_SHOWN * 52 if len(waiting) > _ROWS_SHOWN else "content"):
        for place, run_id in enumerate(waiting, 1):
            _row(run_id, place, len(waiting))


def _row(run_id: str, place: int, count: int) -> None:
    try:
        run = runs.get(run_id)
    except RunError:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{place}\\. {escaped(run.title)}", width="stretch")
        _button("arrow_upward", "Sooner", place == 1, queue.move, run_id, -1)
        _button("arrow_downward", "Later", place == count, queue.move, run_id, 1)
        _button("close", "Cancel", False, run.stop, run_id)


def _button(icon: str, what: str, disabled: bool, act: Any, run_id: str, *places: int) -> None:
    st.button(
        f":material/{icon}:",
        key=f"{what}_{run_id}",
        help=what,
        disabled=disabled,
        on_click=try_action,
        args=(act, run_id, *places) if places else (act,),
    )
