"""What the server process does once, when it starts."""

import gc
import sys
from importlib import import_module

import streamlit as st


@st.cache_resource(show_spinner=False)
def settle() -> None:
    """Load what the first drawing needs, and spare the libraries from garbage collection.

    Streamlit collects garbage after every run of a script, which with the libraries frozen
    takes no time. Threads take turns more often than by default, so that what a page has
    sent leaves the server while the rest of the page is still being made.
    """
    import_module("scipy.ndimage")
    sys.setswitchinterval(0.0005)
    gc.collect()
    gc.freeze()
