"""One run: its title and note, and what can be done with it."""

import streamlit as st

from ui.public import permissions, sharing
from ui.runs import deletion, downloads
from ui.runs.report import command
from ui.shared.callbacks import escaped
from ui.shared.pages import script
from vae.errors import RunError
from vae.runs.run import MAX_NOTE, MAX_TITLE, Run
from vae.runs.store import Summary


def show(chosen: Summary) -> None:
    """All of that, where it is called."""
    run = chosen.run
    if not run:
        st.error(chosen.problem, icon=":material/error:")
        deletion.button([chosen])
        return
    description, actions_column = st.columns([2, 3], gap="large")
    with description:
        if run.ships:
            st.markdown(f"**{escaped(run.title)}**")
            st.markdown("Its parameters and its history are in the model's file.")
        elif permissions.may_change_run(run.id):
            _describe(run)
        else:
            st.markdown(f"**{escaped(run.title)}**")
            st.markdown(escaped(run.note))
    with actions_column:
        st.markdown(f"**{escaped(run.title)}**")
        st.caption(run.status().sentence)
        with st.container(horizontal=True, vertical_alignment="center"):
            # Not st.switch_page: it fails while the address holds the chosen model.
            st.page_link(
                script("train"),
                label="Open",
                icon=":material/open_in_full:",
                query_params={"run": run.id},
            )
            st.page_link(
                script("train"),
                label="Copy parameters to form",
                icon=":material/content_copy:",
                help="Train the same once more, perhaps with a change: opens the Train page.",
                query_params={"like": run.id},
            )
            downloads.report_button(run)
            downloads.models(run)
            deletion.button([chosen])
            sharing.of_run(run)
        st.caption("The same in a terminal:")
        st.code(command(run.params), language="bash", wrap_lines=True)


def _describe(run: Run) -> None:
    title, note = f"title_{run.id}", f"note_{run.id}"
    with st.form(f"about_{run.id}", border=False):
        # Not with `max_chars`: Streamlit drops a text that is pasted and too long.
        st.text_input("Title", run.title, key=title)
        st.text_area("Note", run.note, height=150, key=note)
        st.form_submit_button(
            "Save", icon=":material/save:", on_click=_save, args=(run, title, note)
        )


def _save(run: Run, title: str, note: str) -> None:
    texts = st.session_state[title], st.session_state[note]
    permissions.change_run(run.id, _save_checked, run, *texts, done="Saved")


def _save_checked(run: Run, title: str, note: str) -> None:
    for what, text, most in (("title", title, MAX_TITLE), ("note", note, MAX_NOTE)):
        if len(text.strip()) > most:
            raise RunError(f"A {what} has at most {most:,} characters, this one {len(text):,}.")
    run.describe(title, note)
