"""Train a model: choose its parameters, start, watch it learn, steer, use."""

import streamlit as st

from ui import shell
from ui.runs import controls, form, live_view
from vae.errors import ParamsError, RunError, WeightsError
from vae.runs import dispatcher
from vae.runs import run as runs

shell.require_navigation()

settings, stage = st.columns([2, 5], gap="large")

with settings:
    preset = form.choose_preset()
    starts = st.session_state.setdefault("starts", 0)
    name = st.text_input(
        "Name of the model",
        runs.free_name(preset),
        key=f"name_{preset}_{starts}",  # What is typed stays, whoever else starts a run.
        help="Under this name it will be in the picker.",
    )
    with st.container(horizontal=True):
        start = st.button("Start training", type="primary", icon=":material/play_arrow:")
        paused = st.button(
            "Step by step",
            icon=":material/skip_next:",
            help="Start it paused, to take one step of the optimizer at a time.",
        )
    complaint = st.container()
    try:
        params = form.parameters()
    except ParamsError as error:
        params = None
        complaint.error(str(error))
    try:
        dispatcher.ensure_dispatcher()
        if params and (start or paused):
            st.session_state.run = runs.start(params, name, paused).id
            st.session_state.starts += 1
    except (RunError, WeightsError, ParamsError) as error:
        complaint.error(str(error))
    except OSError as error:
        complaint.error(f"Nothing can be trained here: {error.strerror}.")


def watch(run_id: str, ticking: bool) -> None:
    """Draw the run; when it begins or ends to move, have the whole page drawn anew."""
    try:
        run = runs.get(run_id)
    except RunError as error:
        st.error(str(error))
        return
    status = run.status()
    if controls.moving(status) != ticking:
        st.rerun()
    live_view.headline(run, status)
    controls.show(run, status)
    live_view.views(run, status)


with stage:
    ids = runs.ids()
    if ids:
        run_id = st.selectbox("Run", ids, key="run", bind="query-params")
        ticking = controls.moving_now(run_id)
        st.fragment(watch, run_every=1.0 if ticking else None)(run_id, ticking)
    else:
        st.markdown("### Nothing has been trained here yet")
        st.markdown("Choose the parameters and press Start: the curves will be drawn here.")
