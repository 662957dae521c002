"""The button that deletes runs."""

from collections.abc import Sequence

import streamlit as st

from ui.public import permissions
from vae.runs import store
from vae.runs.store import Summary


def button(chosen: Sequence[Summary]) -> None:
    """A button that deletes these runs, after a question; those that nobody may change stay."""
    chosen = [s for s in chosen if not s.ships and permissions.may_change_run(s.run_id)]
    if not chosen:
        return
    what = "this run" if len(chosen) == 1 else f"these {len(chosen)} runs"
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"Delete {what}, with the curves, the snapshots and the checkpoint?")
        st.caption("A model that was saved from it stays in the model picker.")
        st.button(
            f"Delete {what}",
            type="primary",
            on_click=permissions.change_runs,
            args=([summary.run_id for summary in chosen], store.delete),
            kwargs={"done": "Deleted"},
        )
