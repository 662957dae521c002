"""What a visitor can take from a run: its models and its report."""

import re
from pathlib import Path

import streamlit as st

from ui.callbacks import try_action
from vae.runs import run as runs
from vae.runs.run import Run

_WHICH = {"best": "of the lowest loss", "last": "of the last epoch"}


def report_button(run: Run) -> None:
    """Download all of the run as one HTML file."""

    def made() -> bytes:
        from ui.report.report import report

        return report(run)

    st.download_button(
        "Report",
        made,
        file_name=f"{run.id}.html",
        mime="text/html",
        icon=":material/description:",
        on_click="ignore",
        help="One HTML file that tells all of this run and opens offline.",
    )


def models(run: Run) -> None:
    """Its models: into the picker, or onto the visitor's disk."""
    files = {which: getattr(run, which) for which in _WHICH if getattr(run, which).exists()}
    if not files:
        return
    with st.popover("Models", icon=":material/deployed_code:"):
        which = st.segmented_control(
            "The model",
            list(files),
            format_func=_WHICH.get,
            default=next(iter(files)),
            required=True,
            key=f"which_{run.id}",
        )
        name = f"name_{run.id}"
        stem = re.sub(r"(?<=.)-\d+$", "", run.name)
        st.text_input("Name in the picker", runs.free_name(f"{stem[:30]}-{which}"), key=name)
        st.button(
            "Save to the picker",
            icon=":material/save:",
            on_click=_publish,
            args=(run, files[which], name),
        )
        st.download_button(
            "Download it",
            files[which].read_bytes,
            file_name=f"{run.name}-{which}.safetensors",
            icon=":material/download:",
            on_click="ignore",
        )


def _publish(run: Run, model: Path, name: str) -> None:
    wanted = st.session_state[name].strip()
    try_action(run.publish, model, wanted, done=f"{wanted} is in the picker")
