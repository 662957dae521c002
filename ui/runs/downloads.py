"""What a visitor can keep of a run: its models and its report."""

from functools import partial
from pathlib import Path

import streamlit as st

from ui.public import permissions
from ui.public.visitor import current
from ui.runs import presets
from ui.shared.callbacks import show_action_error
from vae.files import registry
from vae.public import access, actions
from vae.runs.run import Run

_WHICH = {"best": "Best epoch", "last": "Last epoch"}


def report_button(run: Run) -> None:
    """Download the run as one HTML file."""
    visitor = current()

    def made() -> bytes:
        from ui.runs.report import report

        return report(access.run(visitor, run.id))  # It may not be shared any more.

    st.download_button(
        "Report",
        made,
        file_name=f"{run.id}.html",
        mime="text/html",
        icon=":material/description:",
        on_click="ignore",
        help="One HTML file with everything about this run. It opens offline.",
    )


def models(run: Run) -> None:
    """Its models: into the model picker, or onto the visitor's disk."""
    files = {which: getattr(run, which) for which in _WHICH if getattr(run, which).exists()}
    if not files or run.ships:  # The header has a model that ships.
        return
    visitor = current()
    with st.popover("Models", icon=":material/deployed_code:"):
        which = st.segmented_control(
            "Model of the",
            list(files),
            format_func=lambda which: _WHICH[which],
            default=next(iter(files)),
            required=True,
            help="The best epoch is the one with the lowest validation loss since a weight of the "
            "loss was last changed.",
            key=f"which_{run.id}",
        )
        if permissions.may_change_run(run.id):
            _add_to_models(run, which, files[which])
        st.download_button(
            "Download",
            lambda: getattr(access.run(visitor, run.id), which).read_bytes(),
            file_name=f"{run.name}-{which}.safetensors",
            icon=":material/download:",
            on_click="ignore",
        )


def _add_to_models(run: Run, which: str, model: Path) -> None:
    name = f"name_{run.id}"
    stem = presets.stem(run.name)[:30]
    st.text_input("Model name", registry.free_name(f"{stem}-{which}"), key=name)
    st.button(
        "Add to models",
        icon=":material/save:",
        on_click=_publish,
        args=(run, model, name),
    )
    show_action_error("publish")


def _publish(run: Run, model: Path, name: str) -> None:
    wanted = st.session_state[name].strip()
    added = f"{wanted} is in the model picker now"
    publish = partial(actions.publish, current(), run, model, wanted)
    permissions.change_run(run.id, publish, done=added, where="publish")
