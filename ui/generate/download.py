"""The button that saves the picture of the Generate page as a PNG file."""

from base64 import b64encode
from collections.abc import Callable

import streamlit as st

from ui.components import component

_button = component("generate/download", html='<button type="button">Download PNG</button>')
_KEY, _PRESSED = "download_png", "download_png_pressed"


def show(png: Callable[[], bytes], help_text: str, enabled: bool) -> None:
    """Show it; a press runs the fragment or page that calls this again, which sends the file.

    Args:
        png: makes the file.
        help_text: what a pointer on the button shows.
        enabled: whether there is a picture.
    """
    pressed = st.session_state.pop(_PRESSED, False)
    file = b64encode(png()).decode() if pressed and enabled else ""
    _button(
        data={"help": help_text, "enabled": enabled, "png": file},
        key=_KEY,
        width="content",
        height="content",
        on_file_change=_note_press,
    )


def _note_press() -> None:
    st.session_state[_PRESSED] = True
