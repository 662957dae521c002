"""What a button does, and how its errors are shown."""

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from vae.errors import VAELabError, os_error_message

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!$:~|&])")

_SHOWN = "shown_error_"


def escaped(text: str) -> str:
    """Text from a visitor or an address, as Markdown that shows just that."""
    return _MARKDOWN.sub(r"\\\1", text)


def try_action(act: Callable[..., Any], *arguments: Any, done: str = "", where: str = "") -> None:
    """Run an action, as the callback of a button.

    Args:
        act: the action.
        arguments: its arguments.
        done: what to say if it succeeds.
        where: the name of the place whose `show_action_error` shows its error.
    """
    try:
        act(*arguments)
    except VAELabError as error:
        report_error(str(error), where)
    except OSError as error:
        report_error(os_error_message("That cannot be done", error), where)
    else:
        if done:
            st.toast(done, icon=":material/check:")


def report_error(message: str, where: str = "") -> None:
    """Have the next `show_action_error` of that place show this."""
    st.session_state[f"action_error_{where}"] = message


def show_action_error(where: str = "") -> None:
    """Show, where it is called, the error of the last action of that place."""
    message = st.session_state.pop(f"action_error_{where}", "")
    st.session_state[f"{_SHOWN}{where}"] = message
    if message:
        st.error(message, icon=":material/error:")


def keep_errors() -> None:
    """Show the errors again that the page shows: it is about to run without an action."""
    for key in [*st.session_state]:
        if str(key).startswith(_SHOWN) and (message := st.session_state[key]):
            report_error(message, str(key).removeprefix(_SHOWN))
