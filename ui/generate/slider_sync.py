"""Sends the values of sliders to the server once they have not been moved for some seconds."""

from collections.abc import Sequence

import streamlit as st

from ui.components import component

_sync = component("generate/slider_sync")

REST = 4.0
"""Seconds: a series of turns is one request, since each takes the server some milliseconds."""

_SHORT_REST = 1.0
"""Seconds, where something on the page follows the sliders by these requests."""


def show(keys: Sequence[str], key: str, rest: float = _SHORT_REST) -> None:
    """Show the invisible element.

    Once the sliders have rested, what calls this is run again, a fragment or the page; the values
    come with that request.

    Args:
        keys: of the sliders.
        key: of the element.
        rest: for how long they have to rest, in seconds.
    """
    _sync(
        data={"keys": list(keys), "rest": rest},
        key=key,
        height="content",
        on_turned_change=lambda: None,
    )


@st.fragment
def show_alone(keys: Sequence[str]) -> None:
    """The same, with nothing else that runs again."""
    show(keys, "slider_sync", REST)
