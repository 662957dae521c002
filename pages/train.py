"""Train a model: choose its parameters, start it, watch and steer it, use it."""

import streamlit as st

from ui import links, shell
from ui.callbacks import try_action
from ui.runs import controls, form, live_view
from vae.errors import RunError
from vae.runs import dispatcher, store

shell.require_navigation()

settings, stage = st.columns([2, 5], gap="large")


def watch(run_id: str, ticking: bool) -> None:
    """Draw the run; when it starts or stops to change, have the whole page drawn anew."""
    try:
        run = store.get(run_id)
        status = run.status()
    except RunError as error:
        st.error(f"{error} It can be deleted on the Runs page.", icon=":material/error:")
        return
    if status.may_change != ticking:
        st.rerun()
    live_view.headline(run, status)
    controls.show(run, status)
    live_view.views(run, status)


try_action(dispatcher.ensure_dispatcher, where="start")
with settings:
    form.show()
with stage:
    ids = store.list_ids()
    wanted = st.session_state.get("run", st.query_params.get("run"))
    if ids:
        if wanted is not None and wanted not in ids:
            links.warn(links.missing("run", wanted, ids[0]))
            st.session_state.run = ids[0]
        run_id = st.selectbox("Run", ids, key="run", bind="query-params")
        ticking = controls.may_change(run_id)
        st.fragment(watch, run_every=1.0 if ticking else None)(run_id, ticking)
    else:
        if wanted is not None:
            links.warn(f"There is no run {links.quoted(wanted)}.")
        st.markdown("### Nothing has been trained here yet")
        st.markdown("Choose the parameters and press Start training. The curves appear here.")
