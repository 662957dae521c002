"""Train a model: start a run with the bar, watch it, steer it with the same bar, use the model."""

import streamlit as st

from ui.public import permissions
from ui.shared import address
from ui.shared.callbacks import try_action
from ui.train import bar, controls, live_view
from vae.errors import RunError
from vae.runs import dispatcher, shipped

try_action(dispatcher.ensure_dispatcher, where="bar")
ids = permissions.run_choice()
like = address.pop("like")
if like is not None:
    try_action(lambda run_id: controls.into_the_form(permissions.run(run_id)), like, where="bar")
wanted = st.session_state.get("run", st.query_params.get("run"))
places = bar.places()
if not ids:
    bar.show(places)
    st.stop()
if wanted is not None and wanted not in ids:
    address.warn(address.missing("run", wanted, ids[0]))
    st.session_state.run = ids[0]
run_id = bar.choice(ids, places)
try:
    run = permissions.run(run_id)
    status = run.status()
except RunError as error:
    bar.show(places)
    advice = "" if run_id in shipped.names() else " It can be deleted on the Runs page."
    st.error(f"{error}{advice}", icon=":material/error:")
    st.stop()
bar.show(places, run, status)
live_view.show(run, status)
controls.show(run, status)
live_view.details(run, status)
