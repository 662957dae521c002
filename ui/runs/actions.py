"""What the buttons of this page do."""

import re
from collections.abc import Sequence

import streamlit as st

from ui.callbacks import try_action
from vae.params import Params, bounds
from vae.runs import dispatcher
from vae.runs import run as runs
from vae.runs.listing import Summary
from vae.runs.run import Run

_LONGEST_STEM = 36


def duplicate(run: Run, listed: Sequence[Summary]) -> None:
    """Train the same once more with the next seed that none of its like has.

    Raises:
        RunError, WeightsError, ParamsError: as `vae.runs.start`.
        OSError: if there are no workers and none can be started.
    """
    params = run.params
    same = {"seed": params.seed}
    taken = {s.run.params.seed for s in listed if s.run.params.model_copy(update=same) == params}
    seed = params.seed
    while seed in taken:
        seed = seed + 1 if seed < bounds("seed").high else 0
    stem = re.sub(r"(?<=.)-\d+$", "", run.name)[:_LONGEST_STEM]
    new = runs.start(Params(**params.model_dump() | {"seed": seed}), runs.free_name(stem))
    if run.title != run.name:
        new.describe(f"{run.title}, seed {seed}", "")
    dispatcher.ensure_dispatcher()


def delete(chosen: Sequence[Run]) -> None:
    """Remove these runs; the first that cannot be removed ends it.

    Raises:
        RunError: as `Run.delete`.
    """
    for run in chosen:
        run.delete()


def delete_button(chosen: Sequence[Run]) -> None:
    """A button that deletes these runs, if that is meant."""
    what = "this run" if len(chosen) == 1 else f"these {len(chosen)} runs"
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"Delete {what}, with the curves, the samples and the checkpoint?")
        st.caption("A model that was saved from it stays in the picker.")
        st.button(
            f"Delete {what}",
            type="primary",
            on_click=try_action,
            args=(delete, chosen),
            kwargs={"done": "Deleted"},
        )
