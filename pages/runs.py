"""All runs: the queue, a table with what differs, and what can be done with the chosen ones."""

import streamlit as st

from ui.public import permissions, teacher
from ui.runs import compare, detail, queue, table
from ui.shared.callbacks import show_action_error
from ui.shared.pages import script
from vae import database
from vae.runs import store

for name in database.set_aside():
    st.warning(
        f"The database was damaged and is kept as {name}. Its runs are not listed any more; "
        "their models are still there.",
        icon=":material/warning:",
    )
own = permissions.runs()
listed = [*own, *store.shipped_summaries()]
teacher.controls()
teacher.pupils(own)
queue.show(own)
chosen = table.show(listed) if listed else []
show_action_error()
if len(chosen) == 1:
    detail.show(chosen[0])
elif chosen:
    compare.show(chosen)
if not own:
    st.markdown("Runs that are trained here are added to this table, with your notes.")
    st.page_link(script("train"), label="Train a model", icon=":material/model_training:")
