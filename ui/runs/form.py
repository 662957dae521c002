"""A widget for every parameter, drawn from its bounds."""

from typing import Any, Literal, get_args, get_origin

import streamlit as st

from ui.labels import duration
from vae.params import PRESETS, REPORTED, Params, bounds, expected
from vae.runs import pace

BEYOND = tuple(name for name in Params.model_fields if name not in REPORTED)

_PREFIX = "param_"
_SLIDER_SPAN = 100
"""Numbers with a wider range, in steps, are typed, not slid."""


def choose_preset() -> str:
    """Let the visitor fill the form with a preset; the name of the last one chosen."""
    preset = st.selectbox("Preset", PRESETS, key="preset", persist_state="session", on_change=_fill)
    if f"{_PREFIX}seed" not in st.session_state:
        _fill()
    st.fragment(_pace, run_every=None if pace.known() else 3)()
    return preset


def _pace() -> None:
    """How long each preset takes on this machine, as soon as that is known."""
    if pace.known():
        times = [f"{name} {duration(seconds)}" for name, seconds in pace.expected().items()]
        st.caption(f"On this machine: {', '.join(times)}")
    else:
        st.caption("How long the presets take on this machine will be measured when it is idle.")


def parameters() -> Params:
    """Show the widgets, the report's parameters first, and return what they are set to.

    Raises:
        ParamsError: if that is not valid.
    """
    values = {}
    for title, names in (("Parameters", REPORTED), ("Beyond the report", BEYOND)):
        with st.expander(title, expanded=names is REPORTED):
            values |= {name: _widget(name) for name in names}
    return Params(**values)


def _fill() -> None:
    for name, value in PRESETS[st.session_state.preset].model_dump().items():
        st.session_state[_PREFIX + name] = (
            ", ".join(map(str, value)) if isinstance(value, tuple) else value
        )


def _widget(name: str) -> Any:
    field = Params.model_fields[name]
    label = name.replace("_", " ").capitalize()
    common: dict[str, Any] = {
        "key": _PREFIX + name,
        "persist_state": "session",
        "help": f"{field.description} May be {expected(name)}.",
    }
    if get_origin(field.annotation) is Literal:
        return st.selectbox(label, get_args(field.annotation), **common)
    if field.annotation is bool:
        return st.toggle(label, **common)
    if field.annotation not in (int, float):
        return st.text_input(label, **common)
    low, high = map(field.annotation, bounds(name))
    if field.annotation is int:
        widget = st.slider if high - low <= _SLIDER_SPAN else st.number_input
        return widget(label, low, high, step=1, **common)
    if low and high / low <= _SLIDER_SPAN:
        return st.slider(label, low, high, step=low, **common)
    return st.number_input(label, low, high, step=high / 1000, format="%g", **common)
