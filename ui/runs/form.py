"""The form of a training: a widget for every parameter, the name, and the buttons that start it."""

from typing import Any, Literal, get_args, get_origin

import streamlit as st

from ui import labels
from ui.callbacks import report_error, show_action_error, try_action
from vae.errors import ParamsError, VAELabError
from vae.model import registry
from vae.model.architecture import check_size
from vae.params import PRESETS, REPORTED, Params, bounds
from vae.runs import dispatcher, store, timing

ADVANCED = tuple(name for name in Params.model_fields if name not in REPORTED)

_PREFIX = "param_"
_SLIDER_SPAN = 100
"""Numbers with a wider range, in steps, are typed."""


def show() -> None:
    """The whole form, where it is called."""
    preset = st.selectbox("Preset", PRESETS, key="preset", persist_state="session", on_change=_fill)
    if f"{_PREFIX}seed" not in st.session_state:
        _fill()
    _expected_time(preset)
    buttons = st.container()  # Above the parameters, but they are valid only once these are.
    for title, names in (("Parameters", REPORTED), ("Advanced", ADVANCED)):
        with st.expander(title, expanded=names is REPORTED):
            for name in names:
                _widget(name)
    with buttons:
        _name_and_start(preset)


def parameters() -> Params:
    """What the widgets are set to.

    Raises:
        ParamsError: if a training cannot have these parameters, with a sentence for each.
    """
    values, problems = {}, []
    for name in Params.model_fields:
        shown = st.session_state[_PREFIX + name]
        try:
            values[name] = getattr(Params(**{name: _parsed(name, shown)}), name)
        except ParamsError:
            problems.append(f"{labels.parameter(name)} must be {labels.allowed(name)}.")
    if problems:
        raise ParamsError(" ".join(problems))
    params = Params(**values)
    check_size(params)
    return params


def _expected_time(preset: str) -> None:
    seconds, source = timing.expected_seconds(preset)
    st.caption(f"About {labels.duration(seconds)} ({source}).")


def _name_and_start(preset: str) -> None:
    state = st.session_state
    # A name that the visitor has typed stays; the suggestion follows the preset and other runs.
    if state.get("run_name", "") == state.get("suggested_name", ""):
        state.run_name = state.suggested_name = store.free_name(preset)
    name = st.text_input(
        "Name of the model",
        key="run_name",
        live=True,
        persist_state="session",
        help="The model picker will show this name.",
    ).strip()
    problem = _problem(name)
    with st.container(horizontal=True):
        for label, icon, paused in (
            ("Start training", "play_arrow", False),
            ("Step by step", "skip_next", True),
        ):
            st.button(
                label,
                type="secondary" if paused else "primary",
                icon=f":material/{icon}:",
                help="Start it paused, to take one step of the optimizer at a time."
                if paused
                else None,
                on_click=try_action,
                args=(_start, paused),
                kwargs={"where": "start"},
                disabled=bool(problem),
            )
    if problem:  # Instead of the same from an action.
        report_error(problem, "start")
    show_action_error("start")


def _problem(name: str) -> str:
    """Why a training with this name and these parameters cannot start, or ""."""
    problems = []
    for check in (lambda: registry.check_free(name), parameters):
        try:
            check()
        except VAELabError as error:
            problems.append(str(error))
    return " ".join(problems)


def _start(paused: bool) -> None:
    """Start what is on the screen; the callback of the buttons."""
    state = st.session_state
    dispatcher.ensure_dispatcher()
    state.run = store.start(parameters(), state.run_name.strip(), paused).id
    state.run_name = state.suggested_name = store.free_name(state.preset)


def _fill() -> None:
    for name, value in PRESETS[st.session_state.preset].model_dump().items():
        st.session_state[_PREFIX + name] = _as_typed(value) if _is_typed(name) else value


def _as_typed(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _parsed(name: str, shown: Any) -> Any:
    """The value of a widget; a text that is no number stays a text, which is not valid."""
    kind = Params.model_fields[name].annotation
    if kind not in (int, float) or not isinstance(shown, str):
        return shown
    try:
        return kind(shown)
    except ValueError:
        return shown


def _is_typed(name: str) -> bool:
    """Whether the widget of a parameter is a text box.

    Numbers with a wide range are typed as text, too: a number box keeps showing a number that it
    has rejected, while the one before it is what the page gets.
    """
    kind = Params.model_fields[name].annotation
    if get_origin(kind) is Literal or kind is bool:
        return False
    return kind not in (int, float) or not _is_slid(name)


def _is_slid(name: str) -> bool:
    low, high = bounds(name)
    if Params.model_fields[name].annotation is int:
        return high - low <= _SLIDER_SPAN
    return low > 0 and high / low <= _SLIDER_SPAN


def _widget(name: str) -> None:
    field = Params.model_fields[name]
    label = labels.parameter(name)
    common: dict[str, Any] = {
        "key": _PREFIX + name,
        "persist_state": "session",
        "help": f"{field.description} May be {labels.allowed(name)}.",
    }
    if get_origin(field.annotation) is Literal:
        st.selectbox(label, get_args(field.annotation), **common)
    elif field.annotation is bool:
        st.toggle(label, **common)
    elif _is_typed(name):
        st.text_input(label, live=True, **common)
    else:
        kind = int if field.annotation is int else float
        low, high = map(kind, bounds(name))
        st.slider(label, low, high, step=1 if kind is int else low, **common)
