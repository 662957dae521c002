"""The buttons and live_params with which a run is steered."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from ui.callbacks import show_action_error, try_action
from ui.curves import LIVE_LABELS
from ui.runs import downloads
from vae.errors import RunError
from vae.model import weights
from vae.params import Params, bounds
from vae.runs import control
from vae.runs import run as runs
from vae.runs.run import Run
from vae.runs.status import Status


def moving(status: Status) -> bool:
    """Whether there will be something new to see without anybody doing anything."""
    return status.is_active or status.has_worker


def moving_now(run_id: str) -> bool:
    """The same of the run with that id; one that cannot be read does not move."""
    try:
        return moving(runs.get(run_id).status())
    except RunError:
        return False


def show(run: Run, status: Status) -> None:
    """What can be done with the run in its present state."""
    with st.container(horizontal=True):
        if status.state in ("starting", "running"):
            _button("Pause", "pause", run.request, desired_state="pause")
            _button("Stop", "stop", run.stop)
        elif status.state == "queued":
            _button("Cancel", "close", run.stop)
        elif status.state == "finished":
            _more(run, status)
        else:
            _button("Resume", "play_arrow", run.resume, kind="primary")
            if status.state == "paused":
                _button("Step", "skip_next", run.single_step)
                _button("Stop", "stop", run.stop)
            else:
                _more(run, status)
        if status.is_active or status.state == "paused":
            _live_params(run, status)
        elif run.last.exists():
            _uses(run)
    show_action_error()


def _button(label: str, icon: str, act: Callable[..., Any], kind: Any = "secondary", **how: Any):
    st.button(
        label,
        icon=f":material/{icon}:",
        type=kind,
        on_click=try_action,
        args=(partial(act, **how),),
    )


def _more(run: Run, status: Status) -> None:
    with st.popover("Train more", icon=":material/add:"):
        done = int(status.epochs_done)
        most = control.MAX_TARGET_EPOCHS - done
        more = st.number_input("Further epochs", 1, max(1, most), min(5, max(1, most)))
        _button(
            "Train on", "play_arrow", run.resume, kind="primary", target_epochs=done + int(more)
        )


def _live_params(run: Run, status: Status) -> None:
    now = control.read(run.folder).live_params
    with st.popover("Steer", icon=":material/tune:"):
        st.caption("Applied within a second, and marked on the curves.")
        for name, label in LIVE_LABELS.items():
            low, high = bounds(name)
            key = f"dial_{name}_{run.id}"
            st.number_input(
                label[0].upper() + label[1:],
                low,
                high,
                float(now.get(name, getattr(run.params, name))),
                step=high / 1000,
                format="%g",
                key=key,
                help=Params.model_fields[name].description,
                on_change=_turn,
                args=(run, name, key),
            )


def _turn(run: Run, name: str, key: str) -> None:
    try_action(partial(run.request, live_params={name: st.session_state[key]}))


def _uses(run: Run) -> None:
    """Where to go with a run's model, and what to take from it."""
    if run.name in weights.available():
        # Not st.switch_page: it fails while the address holds the chosen run.
        for page, verb, icon in (("draw", "Draw", "draw"), ("generate", "Generate", "grid_view")):
            st.page_link(
                f"pages/{page}.py",
                label=f"{verb} with it",
                icon=f":material/{icon}:",
                query_params={"use": run.name},
            )
    downloads.models(run)
    downloads.report_button(run)
