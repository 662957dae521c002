"""Train a model: choose its parameters, start, watch, stop, use."""

import streamlit as st

from pages.train import form, live
from vae import runs, weights
from vae.params import ParamsError

settings, stage = st.columns([2, 5], gap="large")

with settings:
    preset = form.choose_preset()
    taken = weights.available().keys() | {runs.name_of(run_id) for run_id in runs.ids()}
    starts = st.session_state.setdefault("starts", 0)
    name = st.text_input(
        "Name of the model",
        next(n for i in range(1, 10_000) if (n := f"{preset}-{i}") not in taken),
        key=f"name_{starts}",  # What is typed stays until it is used, whoever else starts a run.
        help="Under this name it will be in the picker.",
    )
    start = st.button("Start training", type="primary", icon=":material/play_arrow:")
    complaint = st.container()
    try:
        params = form.parameters()
    except ParamsError as error:
        params = None
        complaint.error(str(error))
    if start and params:
        try:
            st.session_state.run = runs.start(params, name).id
            st.session_state.starts += 1
        except (runs.RunError, weights.WeightsError, ParamsError) as error:
            complaint.error(str(error))


def watch(run_id: str, was_live: bool) -> None:
    """Draw the run; once it ends, have the whole page drawn anew: the picker has a new model."""
    try:
        run = runs.get(run_id)
    except runs.RunError as error:
        st.error(str(error))
        return
    status = run.status()
    if was_live and not status.live:
        st.rerun()
    if status.live:
        bar, stop = st.columns([5, 1], vertical_alignment="center")
        with bar:
            live.progress(run, status)
        stop.button("Stop", icon=":material/stop:", on_click=run.stop, width="stretch")
    else:
        live.outcome(run, status)
    if status.steps:
        live.curves(run, status)


with stage:
    ids = runs.ids()
    if ids:
        run_id = st.selectbox("Run", ids, key="run", bind="query-params")
        is_live = runs.alive(run_id)
        st.fragment(watch, run_every=1.0 if is_live else None)(run_id, is_live)
    else:
        st.markdown("### Nothing has been trained here yet")
        st.markdown("Choose the parameters and press Start: the curves will be drawn here.")
