"""What others may change while a page is open: a teacher deletes a run, an owner unshares it."""

import streamlit as st

from ui.public import permissions
from vae import settings
from vae.errors import RunError

POLL_SECONDS = 5
"""Between two looks at what else nothing on the page would show."""


def watch(run_id: str) -> None:
    """Have the page drawn anew when the visitor does not see this run any more."""
    if settings.public():
        st.fragment(_check, run_every=POLL_SECONDS)(run_id)


def _check(run_id: str) -> None:
    try:
        permissions.run(run_id)
    except RunError:
        st.rerun()
