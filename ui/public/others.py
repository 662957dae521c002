"""What others may change while a page is open: a teacher deletes a run, an owner unshares it."""

import streamlit as st

from ui.public import permissions
from vae import settings
from vae.errors import RunError

POLL_SECONDS = 5
"""Seconds between two checks."""


def watch(run_id: str) -> None:
    """Run the page again when the visitor may no longer see this run."""
    if settings.public():
        st.fragment(_check, run_every=POLL_SECONDS)(run_id)


def _check(run_id: str) -> None:
    try:
        permissions.run(run_id)
    except RunError:
        st.rerun()
