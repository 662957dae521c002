"""All runs: the queue, a table with what differs, and what can be done with the chosen ones."""

import streamlit as st

from ui import shell
from ui.callbacks import show_action_error
from ui.runs import compare, detail, queue, table
from vae.runs import store

shell.require_navigation()

listed = store.summaries()
if listed:
    queue.show(listed)
    chosen = table.show(listed)
    show_action_error()
    if len(chosen) == 1:
        detail.show(chosen[0], listed)
    elif chosen:
        compare.show(chosen)
else:
    show_action_error()
    st.markdown("### Nothing has been trained here yet")
    st.markdown("Every training is kept on this page: its figures, its models and your notes.")
    st.page_link("pages/train.py", label="Train a model", icon=":material/model_training:")
