"""What the server process does once, when it starts."""

import gc

import streamlit as st


@st.cache_resource(show_spinner=False)
def settle() -> None:
    """Take what is loaded by now out of the garbage collector's sight.

    Streamlit collects garbage after every run of a script; with the libraries frozen that
    takes no time.
    """
    gc.collect()
    gc.freeze()
