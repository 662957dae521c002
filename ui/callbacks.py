"""What a button does, and how it is told that it cannot be done."""

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from vae.errors import ParamsError, RunError, WeightsError

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!$:~|&])")


def escaped(text: str) -> str:
    """What a visitor wrote, as Markdown that shows just that."""
    return _MARKDOWN.sub(r"\\\1", text)


def try_action(act: Callable[..., Any], *arguments: Any, done: str = "") -> None:
    """As a button's callback: do it, and have said what comes of it; `done` if it went well."""
    try:
        act(*arguments)
    except (RunError, WeightsError, ParamsError) as error:
        st.session_state.trouble = str(error)
    except OSError as error:
        st.session_state.trouble = f"That cannot be done: {error.strerror or error}."
    else:
        if done:
            st.toast(done, icon=":material/check:")


def show_action_error() -> None:
    """Say where it is called what went wrong in the last try_action."""
    if trouble := st.session_state.pop("trouble", ""):
        st.error(trouble, icon=":material/error:")
