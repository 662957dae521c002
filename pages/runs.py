"""All runs: what waits, what differs, which is best; name, repeat and remove them."""

import streamlit as st

from ui import shell
from ui.callbacks import show_action_error
from ui.runs import compare, detail, queue, table
from vae.runs import listing

shell.require_navigation()

listed = listing.summaries()
if listed:
    queue.show(listed)
    chosen = table.show(listed)
    show_action_error()
    if len(chosen) == 1:
        detail.show(chosen[0].run, listed)
    elif chosen:
        compare.show([summary.run for summary in chosen])
else:
    show_action_error()
    st.markdown("### Nothing has been trained here yet")
    st.markdown("Every training is kept on this page: its figures, its models and your notes.")
    st.page_link("pages/train.py", label="Train a model", icon=":material/model_training:")
