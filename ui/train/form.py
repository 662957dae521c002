"""The parameters of a training to be started: a widget for each, and the name of its model."""

from typing import Any, Literal, get_args, get_origin

import streamlit as st

from ui.public import limits, permissions
from ui.runs import presets
from ui.shared import labels
from vae import settings
from vae.errors import ParamsError, VAELabError
from vae.files import registry
from vae.model.training_size import check_size
from vae.params import Params, bounds
from vae.presets import PRESETS
from vae.runs import timing
from vae.runs.run import Run

IN_BAR = ("z_dim", "kl_weight", "decoder_std", "epochs")
"""The parameters that are always in sight, in their order."""

ADVANCED = tuple(name for name in Params.model_fields if name not in IN_BAR)

_PREFIX = "param_"
_SLIDER_SPAN = 100
"""Numbers with a wider range, in steps, are typed."""


def prepare() -> None:
    """Fill the form on the visitor's first visit."""
    state = st.session_state
    state.setdefault("preset", next(iter(PRESETS)))
    if f"{_PREFIX}seed" not in state:
        fill_preset()
    # A name that the visitor has typed stays; the suggestion follows the preset and other runs.
    if state.get("run_name", "") == state.get("suggested_name", ""):
        suggest_name()


def fill_preset() -> None:
    """Take over the chosen preset; the callback of its widget."""
    st.session_state.pop("name_stem", None)
    _fill(PRESETS[st.session_state.preset])


def fill_like(run: Run) -> None:
    """Take over the parameters of a run, with a seed and a name that are free."""
    state = st.session_state
    _fill(presets.with_free_seed(run, presets.all_runs()))
    state.preset = presets.nearest(run.params)[0]
    state.name_stem = presets.stem(run.name)
    suggest_name()


def suggest_name() -> None:
    """Put a free name into the form."""
    state = st.session_state
    stem = state.get("name_stem", state.preset)
    state.run_name = state.suggested_name = registry.free_name(stem)


def name() -> str:
    """The name that the form has."""
    return str(st.session_state.run_name).strip()


def expected_seconds() -> tuple[float, str]:
    """Seconds that the training takes, or the preset if the form has an error; and the source."""
    preset = st.session_state.preset
    try:
        params = parameters()
    except VAELabError:
        params = PRESETS[preset]
    return timing.expected_seconds(params, preset, permissions.run_ids())


def parameters() -> Params:
    """What the widgets are set to.

    Raises:
        ParamsError: if a training cannot have these parameters, with a sentence for each.
        QuotaError: if the visitor cannot start one that is so large.
    """
    values, problems = {}, []
    for name in Params.model_fields:
        shown = st.session_state[_PREFIX + name]
        try:
            values[name] = checked(name, shown)
        except ParamsError as error:
            problems.append(str(error))
    if problems:
        raise ParamsError(" ".join(problems))
    params = Params(**values)
    check_size(params)
    limits.check_params(params)
    return params


def checked(name: str, shown: Any) -> Any:
    """The value of a parameter as its widget shows it.

    Raises:
        ParamsError: if the parameter cannot have it, with what it may be.
    """
    try:
        return getattr(Params(**{name: _parsed(name, shown)}), name)
    except ParamsError:
        raise ParamsError(f"{labels.parameter(name)} must be {labels.allowed(name)}.") from None


def problem() -> str:
    """Why a training with this name and these parameters cannot start, or ""."""
    if not settings.can_train():
        return "Training needs TensorFlow: pip install -r requirements.txt, then restart the app."
    problems = []
    for check in (lambda: registry.check_free(name()), parameters):
        try:
            check()
        except VAELabError as error:
            problems.append(str(error))
    return " ".join(problems)


def field(name: str, width: int | Literal["stretch"] = "stretch") -> None:
    """The widget of a parameter of the form."""
    state = st.session_state
    unused = (name == "decoder_std" and state[f"{_PREFIX}likelihood"] == "bernoulli") or (
        name == "consistency_weight" and state[f"{_PREFIX}decoder_sees"] == "nothing"
    )
    widget(
        name, _PREFIX + name, width, persist_state="session", live=is_typed(name), disabled=unused
    )


def widget(
    name: str, key: str, width: int | Literal["stretch"], live: bool = False, **options: Any
) -> None:
    """A widget for the values of a parameter; its value is in the session's state.

    Args:
        name: of the parameter.
        key: of the widget.
        width: of the widget, pixels.
        live: whether a text is reported while it is typed.
        options: further arguments of the widget.
    """
    kind = Params.model_fields[name].annotation
    label = labels.parameter(name)
    options |= {
        "key": key,
        "help": f"{Params.model_fields[name].description} May be {labels.allowed(name)}.",
        "width": width,
    }
    if get_origin(kind) is Literal:
        st.selectbox(label, get_args(kind), **options)
    elif kind is bool:
        st.toggle(label, **options)
    elif is_typed(name):
        st.text_input(label, live=live, **options)
    else:
        number = int if kind is int else float
        low, high = map(number, bounds(name))
        st.slider(label, low, high, step=1 if number is int else low, **options)


def shown(name: str, value: Any) -> Any:
    """A parameter's value as its widget has it."""
    if not is_typed(name):
        return value
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def is_typed(name: str) -> bool:
    """Whether the widget of a parameter is a text box.

    Numbers with a wide range are typed as text, too: a number box keeps showing a number that it
    has rejected, while the one before it is what the page gets.
    """
    kind = Params.model_fields[name].annotation
    if get_origin(kind) is Literal or kind is bool:
        return False
    return kind not in (int, float) or not _is_slid(name)


def _fill(params: Params) -> None:
    for name, value in params.model_dump().items():
        st.session_state[_PREFIX + name] = shown(name, value)


def _parsed(name: str, shown: Any) -> Any:
    """The value of a widget; a text that is no number stays a text, which is not valid."""
    kind = Params.model_fields[name].annotation
    if kind not in (int, float) or not isinstance(shown, str):
        return shown
    try:
        return kind(shown)
    except ValueError:
        return shown


def _is_slid(name: str) -> bool:
    low, high = bounds(name)
    if Params.model_fields[name].annotation is int:
        return high - low <= _SLIDER_SPAN
    return low > 0 and high / low <= _SLIDER_SPAN
