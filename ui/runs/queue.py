"""The runs that wait for a worker, polled every few seconds."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from ui.public import permissions
from ui.shared.callbacks import escaped, keep_errors, show_action_error, try_action
from vae import settings
from vae.errors import RunError
from vae.runs import dispatcher, queue, shipped
from vae.runs.run import Run
from vae.runs.states import ACTIVE
from vae.runs.store import Summary

_POLL_SECONDS = 3
_OTHERS_SECONDS = 5
"""The same where only others change something: a teacher deletes a run, an owner unshares it."""

_ROWS_SHOWN = 6
"""A longer queue is in a box with a scroll bar."""


def show(listed: Sequence[Summary]) -> None:
    """The queue, if there is one."""
    # A paused run changes only if somebody acts on it, as with a teacher's "Stop all".
    changing = [summary for summary in listed if summary.state in (*ACTIVE, "paused")]
    waiting = queue.ids()
    if waiting:
        try_action(dispatcher.ensure_dispatcher)  # A restarted server has none yet.
    every = _OTHERS_SECONDS if settings.public() else None
    every = _POLL_SECONDS if changing or waiting else every
    # From the table's own summaries: a run may have changed since these were read.
    seen = [(summary.state, summary.figures.get("epoch")) for summary in changing]
    drawn = {summary.run_id for summary in listed}, sorted(waiting), seen
    st.fragment(_queue, run_every=every)([summary.run_id for summary in changing], drawn)


def _poll(changing: Sequence[str]) -> Any:
    """What the page would show now of the runs that may change."""
    now = permissions.runs(changing)
    seen = [(summary.state, summary.figures.get("epoch")) for summary in now]
    ids = set(permissions.run_ids()) - set(shipped.names())
    return ids, sorted(queue.ids()), seen


def _queue(changing: Sequence[str], drawn: Any) -> None:
    if _poll(changing) != drawn:
        keep_errors()
        st.rerun()
    waiting = queue.ids()
    if not waiting:
        return
    st.markdown(f"**In the queue: {len(waiting)}**")
    show_action_error("queue")
    seen = [(position, run) for position, run in enumerate(map(_run, waiting), 1) if run]
    with st.container(height=_ROWS_SHOWN * 52 if len(seen) > _ROWS_SHOWN else "content"):
        for position, run in seen:
            _row(run, position, len(waiting))


def _run(run_id: str) -> Run | None:
    try:
        return permissions.run(run_id)
    except RunError:  # It has just been deleted, or is not this visitor's.
        return None


def _row(run: Run, position: int, count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{position}\\. {escaped(run.title)}", width="stretch")
        if permissions.may_order_queue():
            _mover("arrow_upward", "Sooner", run.id, -1, position == 1)
            _mover("arrow_downward", "Later", run.id, 1, position == count)
        if permissions.may_change_run(run.id):
            _button("close", "Cancel", run.id, partial(permissions.change_run, run.id, run.stop))


def _mover(icon: str, what: str, run_id: str, by: int, disabled: bool) -> None:
    move = partial(permissions.change_queue, queue.move, run_id, by)
    _button(icon, what, run_id, move, disabled)


def _button(
    icon: str, what: str, run_id: str, act: Callable[..., None], disabled: bool = False
) -> None:
    st.button(
        f":material/{icon}:",
        key=f"{what}_{run_id}",
        help=what,
        disabled=disabled,
        on_click=act,
        kwargs={"where": "queue"},
    )
