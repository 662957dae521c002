"""The buttons with which a run is controlled, and its live parameters."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import streamlit as st

from ui import labels
from ui.callbacks import report_error, show_action_error, try_action
from ui.runs import downloads
from vae.errors import RunError
from vae.model import registry
from vae.params import LIVE_PARAMS, Params, bounds
from vae.runs import store
from vae.runs.run import Run
from vae.runs.status import Status


def may_change(run_id: str) -> bool:
    """Whether the run may change by itself; a damaged one does not."""
    try:
        return store.get(run_id).status().may_change
    except RunError:
        return False


def show(run: Run, status: Status) -> None:
    """What can be done with the run in its present state."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if status.state in ("starting", "running"):
            _button("Pause", "pause", partial(run.request, desired_state="pause"))
            _button("Stop", "stop", run.stop)
        elif status.state == "queued":
            _button("Cancel", "close", run.stop)
        elif status.state == "paused":
            _button("Resume", "play_arrow", run.resume, "primary")
            _button("Step", "skip_next", run.single_step)
            _button("Stop", "stop", run.stop)
        elif status.state != "measuring":
            if status.state != "finished":
                _button("Resume", "play_arrow", run.resume, "primary")
            _train_more(run, status)
        if status.state in ("queued", "starting", "running", "paused"):
            _live_params(run, status)
        elif run.last.exists():
            _uses(run)
    show_action_error("run")


def _button(
    label: str,
    icon: str,
    act: Callable[..., Any],
    kind: Literal["primary", "secondary"] = "secondary",
    disabled: bool = False,
) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        type=kind,
        on_click=try_action,
        args=(act,),
        kwargs={"where": "run"},
        disabled=disabled,
    )


def _train_more(run: Run, status: Status) -> None:
    with st.popover("Train more", icon=":material/add:"):
        done = int(status.epochs_done)
        most = int(bounds("epochs").high) - done
        # Without bounds of its own: the field would keep showing a number that it has rejected.
        more = st.number_input("Further epochs", value=max(0, min(5, most)), step=1)
        fits = more is not None and 1 <= more <= most
        if not fits:
            st.error(
                f"Further epochs must be a whole number between 1 and {most}."
                if most > 0
                else "This run has as many epochs as a run can have."
            )
        target = done + int(more or 0)
        act = partial(run.resume, target_epochs=target)
        _button("Continue training", "play_arrow", act, "primary", disabled=not fits)


def _live_params(run: Run, status: Status) -> None:
    steer = st.popover("Steer", icon=":material/tune:", on_change="rerun", key=f"steer_{run.id}")
    if not steer.open:  # A field that is on the page before it is seen reports its first value.
        return
    with steer:
        st.caption("Applied within a second, and marked on the curves.")
        for name in LIVE_PARAMS:
            key = f"live_{name}_{run.id}"
            now = float(status.control.live_params.get(name, getattr(run.params, name)))
            if st.session_state.get(key, now) != now:  # Another visitor has changed it.
                st.session_state[key] = now
            st.number_input(
                labels.parameter(name),
                value=now,
                step=bounds(name).high / 1000,
                format="%g",
                key=key,
                help=f"{Params.model_fields[name].description} May be {labels.allowed(name)}.",
                on_change=_set_live,
                args=(run, name, key),
            )
        show_action_error("live")


def _set_live(run: Run, name: str, key: str) -> None:
    value, (low, high) = st.session_state[key], bounds(name)
    if value is None or not low <= value <= high:
        report_error(f"{labels.parameter(name)} must be {labels.allowed(name)}.", "live")
    else:
        try_action(partial(run.request, live_params={name: float(value)}), where="live")


def _uses(run: Run) -> None:
    """Where to go with a run's model, and what to download of it."""
    if run.name in registry.available():
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
