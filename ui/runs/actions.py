"""What the buttons of the Runs page do."""

import re
from collections.abc import Sequence

import streamlit as st

from ui.callbacks import try_action
from vae.params import Params, bounds
from vae.runs import dispatcher, store
from vae.runs.run import Run
from vae.runs.store import Summary

_MAX_STEM = 36


def duplicate(run: Run, listed: Sequence[Summary]) -> None:
    """Train the same once more, with the next seed that no other run with its parameters has.

    Raises:
        VAELabError: as `vae.runs.store.start`.
        OSError: if there are no workers and none can be started.
    """
    params = run.params
    same = {"seed": params.seed}
    runs = [summary.run for summary in listed if summary.run]
    taken = {r.params.seed for r in runs if r.params.model_copy(update=same) == params}
    seed = params.seed
    while seed in taken:
        seed = seed + 1 if seed < bounds("seed").high else 0
    stem = re.sub(r"(?<=.)-\d+$", "", run.name)[:_MAX_STEM]
    new = store.start(Params(**params.model_dump() | {"seed": seed}), store.free_name(stem))
    if run.title != run.name:
        new.describe(f"{run.title}, seed {seed}", "")
    dispatcher.ensure_dispatcher()


def delete(run_ids: Sequence[str]) -> None:
    """Delete these runs; the first that cannot be deleted ends it.

    Raises:
        RunError: as `vae.runs.store.delete`.
    """
    for run_id in run_ids:
        store.delete(run_id)


def delete_button(chosen: Sequence[Summary]) -> None:
    """A button that deletes these runs, after a question."""
    what = "this run" if len(chosen) == 1 else f"these {len(chosen)} runs"
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"Delete {what}, with the curves, the snapshots and the checkpoint?")
        st.caption("A model that was saved from it stays in the model picker.")
        st.button(
            f"Delete {what}",
            type="primary",
            on_click=try_action,
            args=(delete, [summary.run_id for summary in chosen]),
            kwargs={"done": "Deleted"},
        )
