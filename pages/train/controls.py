"""The buttons and dials with which a run is steered."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.curves import DIAL_NAMES
from vae import control, runs, weights
from vae.params import Params, bounds
from vae.runs import Run, Status


def moving(status: Status) -> bool:
    """Whether there will be something new to see without anybody doing anything."""
    return status.live or status.working


def moving_now(run_id: str) -> bool:
    """The same of the run with that id; one that cannot be read does not move."""
    try:
        return moving(runs.get(run_id).status())
    except runs.RunError:
        return False


def show(run: Run, status: Status) -> None:
    """What can be done with the run in its present state."""
    with st.container(horizontal=True):
        if status.state in ("starting", "running"):
            _button("Pause", "pause", run.wish, want="pause")
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
        if status.live or status.state == "paused":
            _dials(run, status)
        elif run.last.exists():
            _uses(run)
    if trouble := st.session_state.pop("trouble", ""):
        st.error(trouble)


def _button(label: str, icon: str, act: Callable[..., Any], kind: Any = "secondary", **how: Any):
    st.button(label, icon=f":material/{icon}:", type=kind, on_click=_try, args=(act,), kwargs=how)


def _try(act: Callable[..., Any], **how: Any) -> None:
    try:
        act(**how)
    except (runs.RunError, weights.WeightsError) as error:
        st.session_state.trouble = str(error)


def _more(run: Run, status: Status) -> None:
    with st.popover("Train more", icon=":material/add:"):
        done = int(status.epochs_done)
        most = control.MOST_EPOCHS - done
        more = st.number_input("Further epochs", 1, max(1, most), min(5, max(1, most)))
        _button("Train on", "play_arrow", run.resume, kind="primary", epochs=done + int(more))


def _dials(run: Run, status: Status) -> None:
    now = control.read(run.folder).dials
    with st.popover("Steer", icon=":material/tune:"):
        st.caption("Applied within a second, and marked on the curves.")
        for name, label in DIAL_NAMES.items():
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
    _try(run.wish, dials={name: st.session_state[key]})


def _uses(run: Run) -> None:
    """Where to go with a run's model."""

    def choose() -> None:
        st.session_state.model = run.name

    if run.name in weights.available():
        if st.button("Draw with it", icon=":material/draw:", on_click=choose):
            st.switch_page("pages/draw/page.py")
        if st.button("Generate with it", icon=":material/grid_view:", on_click=choose):
            st.switch_page("pages/generate/page.py")
    with st.popover("Save", icon=":material/save:"):
        st.caption(
            f"Its last epoch is in the picker as {run.name}. Here the best one, with the lowest "
            "validation loss, or a copy can be saved as another model."
        )
        which = st.segmented_control(
            "Epoch", ["best", "last"], default="best", required=True, key=f"which_{run.id}"
        )
        name = st.text_input("Name", f"{run.name[:35]}-best", key=f"save_{run.id}")
        path = run.best if which == "best" else run.last
        _button("Save to the picker", "save", run.publish, which=path, name=name)
        st.download_button(
            "Download it",
            path.read_bytes,
            file_name=f"{run.name}-{which}.safetensors",
            icon=":material/download:",
            on_click="ignore",
        )
    from ui.report import report

    st.download_button(
        "Report",
        lambda: report(run),
        file_name=f"{run.id}.html",
        mime="text/html",
        icon=":material/description:",
        on_click="ignore",
        help="One HTML file that tells all of this run and opens offline.",
    )
