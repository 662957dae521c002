"""The parameters of the pages' addresses: one table, which checks, parses and binds them.

A widget gets its key, options or bounds and default from the table (`segmented`, `selectbox`,
`number`), and Streamlit keeps its value in the address. What only a component knows is added to
copied links by `contribute` in ui/components/link.js, under the names of this table, and read by
`value`.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import streamlit as st

from ui.shared.address_kinds import Digits, Kind, Number, Numbers, OneOf, Text
from ui.shared.callbacks import escaped
from vae.analysis.latent import REACH
from vae.data.mnist import CLASSES, EXAMPLE_COUNT
from vae.files.betas import BETAS
from vae.model.numpy_model import MAX_CONTRAST, TrainedVAE
from vae.params import bounds

DRAW, GENERATE, EXPLORE = "draw", "generate", "explore"
HOW, TRAIN, RUNS = "how-it-works", "train", "runs"

SAMPLE, SWEEP, PAD = MODES = ("Sample", "Sweep", "Pad")
PRIOR, OWN = SOURCES = ("Prior", "Digit's own")
DRAWING, TEST_DIGIT = IMAGES = ("My drawing", "Test digit")
PRIOR_MEAN, PRIOR_SAMPLE = "Prior mean", "Sample"
STEP, ALL_STEPS, GLOSSARY = "step", "all", "glossary"

FIRST_DIGIT = 35
"""The test digit to begin with: a 2 with a loop, which the reconstruction keeps."""

MAX_Z = 100
"""Larger numbers of a browser or an address are no z that a page shows."""

MAX_COLUMNS, MAX_SEED = 12, 9999

CONTRAST = "contrast_"
"""What the name of the contrast begins with: each model has its own."""

_MAX_SHOWN = 40
"""So many characters of a value from an address are repeated on the page."""

_CHECKED, _NEW, _SHOWN = "address_checked", "address_new", "address_shown"


class Parameter(NamedTuple):
    """A row of the table.

    Attributes:
        name: in the address, and the key of the widget if one shows it.
        page: the page that reads it; "" if all do.
        kind: what it may be, or that for a model; None: the parameter means nothing for it.
        default: None if it depends on what else is shown.
    """

    name: str
    page: str
    kind: Kind | Callable[[TrainedVAE], Kind | None]
    default: Any = None


def knobs(model: TrainedVAE) -> list[str]:
    """The names of a model's latent dimensions, and keys of their sliders: z0, z1, …"""
    return [f"z{i}" for i in range(model.params.z_dim)]


def knob_value(z: float) -> float:
    """The nearest value of a knob's slider: within its reach, in tenths."""
    return round(max(-REACH, min(REACH, float(z))), 1) + 0.0  # No -0.


def sources(model: TrainedVAE) -> tuple[str, ...]:
    """Where samples of a model can come from."""
    return SOURCES if model.digit_gaussians and model.labelled else (PRIOR,)


def _knob(model: TrainedVAE) -> Kind:
    return OneOf(knobs(model))


def _if_labelled(kind: Kind) -> Callable[[TrainedVAE], Kind | None]:
    return lambda model: kind if model.labelled else None


def _projection(model: TrainedVAE) -> Kind:
    return OneOf(("plane",) if model.params.z_dim <= 2 else ("pca", "neighbours"))


def _image(
    key: str,
    page: str,
    first: int = FIRST_DIGIT,
    sources: Sequence[str] = IMAGES,
    default: str | None = None,
) -> list[Parameter]:
    """The rows of a choice of an image, or of a sample of the prior."""
    rows = [
        Parameter(f"{key}_from", page, OneOf(sources), default),
        Parameter(f"{key}_digit", page, Number(0, EXAMPLE_COUNT - 1, whole=True), first),
    ]
    if PRIOR_SAMPLE in sources:
        rows += [
            Parameter(f"{key}_seed", page, Number(0, MAX_SEED, whole=True), first),
            Parameter(f"{key}_as", page, OneOf(range(CLASSES)), first % CLASSES),
        ]
    return rows


_MAX_DIMENSIONS = int(bounds("z_dim").high)
_DIGIT, _WHICH_DIGITS = OneOf(range(CLASSES)), Numbers(Number(0, EXAMPLE_COUNT - 1, whole=True))
_MORPHED = (*IMAGES, PRIOR_SAMPLE)
_STEPS = ("encode", "sample", "label", "decode", "loss", "readings", "training_step", "beta")

TABLE = [
    Parameter("model", "", Text()),
    Parameter("use", "", Text()),  # As `model`, once: a link cannot set a bound parameter.
    Parameter("drawing", "", Text()),
    Parameter("z", DRAW, lambda model: Numbers(Number(-MAX_Z, MAX_Z), model.params.z_dim)),
    Parameter("digits", GENERATE, _if_labelled(OneOf(range(CLASSES), True)), range(CLASSES)),
    Parameter("columns", GENERATE, OneOf(MODES), SAMPLE),
    Parameter("source", GENERATE, lambda model: OneOf(sources(model)), PRIOR),
    Parameter("count", GENERATE, Number(1, MAX_COLUMNS, whole=True), 8),
    Parameter("spread", GENERATE, Number(0.0, 1.5), 1.0),
    Parameter("seed", GENERATE, Number(0, MAX_SEED, whole=True), 0),
    Parameter("knob", GENERATE, _knob, "z0"),
    Parameter("across", GENERATE, _knob),
    Parameter("up", GENERATE, _knob),
    *(Parameter(f"z{i}", GENERATE, Number(-REACH, REACH), 0.0) for i in range(_MAX_DIMENSIONS)),
    Parameter(CONTRAST, GENERATE, Number(1.0, MAX_CONTRAST)),  # Followed by the model's name.
    Parameter("view", EXPLORE, OneOf(("Map", "Traversals", "Sheet", "Morph", "Arithmetic")), "Map"),
    Parameter("map", EXPLORE, _projection),
    Parameter("pin", EXPLORE, Numbers(Number(-9999, 9999), 2)),
    Parameter("shown", EXPLORE, Digits()),
    Parameter("as", EXPLORE, _DIGIT),
    *_image("base", EXPLORE, sources=(PRIOR_MEAN, *IMAGES), default=PRIOR_MEAN),
    Parameter("digit", EXPLORE, _if_labelled(_DIGIT)),
    Parameter("walk", EXPLORE, lambda model: Numbers(Number(-MAX_Z, MAX_Z), model.params.z_dim)),
    Parameter("x", EXPLORE, _knob),
    Parameter("y", EXPLORE, _knob),
    Parameter("steps", EXPLORE, OneOf(("Even", "Quantiles")), "Even"),
    *_image("start", EXPLORE, sources=_MORPHED),
    *_image("end", EXPLORE, 18, _MORPHED, TEST_DIGIT),
    Parameter("along", EXPLORE, _if_labelled(OneOf(("z", "Label", "Both"))), "Both"),
    Parameter("path", EXPLORE, OneOf(("Linear", "Spherical")), "Linear"),
    Parameter("at", EXPLORE, Number(0, 1)),
    *_image("image", EXPLORE),
    Parameter("set", EXPLORE, OneOf(("Slant", "Weight", "Width", "My own")), "Slant"),
    Parameter("pick", EXPLORE, OneOf(("All", *range(CLASSES))), "All"),
    Parameter("amount", EXPLORE, Number(-2, 2), 1.0),
    Parameter("plus", EXPLORE, _WHICH_DIGITS),
    Parameter("minus", EXPLORE, _WHICH_DIGITS),
    Parameter(STEP, HOW, OneOf((*_STEPS, ALL_STEPS, GLOSSARY))),
    *_image("how", HOW),
    Parameter("how_dimension", HOW, lambda model: OneOf(range(model.params.z_dim))),
    Parameter("how_label", HOW, _DIGIT),
    Parameter("how_rate", HOW, OneOf((0.0001, 0.001, 0.01)), 0.0001),
    Parameter("how_beta", HOW, OneOf(tuple(BETAS)), 1.0),
    Parameter("run", TRAIN, Text()),
    Parameter("like", TRAIN, Text()),  # Once: the run whose parameters are put into the form.
    Parameter("run", RUNS, Text()),  # Once: the run that is ticked.
]
"""All parameters, in the order of the pages."""

_ROWS = {row.name: row for row in TABLE}


def check(page: str, model: TrainedVAE) -> None:
    """Take the values out of the address that this page cannot read, and say so.

    To be called before the widgets are made: some fail at a wrong value, and others would drop it
    silently. The page is run again without these values.

    Args:
        page: that is shown, as in the table.
        model: the model that is shown.
    """
    state, params = st.session_state, st.query_params
    # A value that stays in the address can mean nothing for a model that is chosen later.
    checked: dict[tuple[str, str], list[str]] = state.setdefault(_CHECKED, {})
    problems = []
    for name in list(params):
        values = params.get_all(name)
        is_new = checked.get((page, name)) != values
        problem = _problem(page, model, name, values)
        if is_new and problem and name not in state:  # Where the value of its widget is.
            problems.append(problem)
            del params[name]
        else:
            checked[page, name] = values
    if problems:
        state[_NEW] = state.get(_SHOWN, []) + problems
        st.rerun()


def report(problem: str) -> None:
    """Have `show_problems` show this sentence."""
    st.session_state.setdefault(_NEW, []).append(problem)


def show_problems() -> None:
    """Show, where it is called, what is wrong with the address: once for each address."""
    st.session_state[_SHOWN] = st.session_state.pop(_NEW, [])
    for problem in st.session_state[_SHOWN]:
        warn(problem)


def _problem(page: str, model: TrainedVAE, name: str, values: Sequence[str]) -> str:
    """What is wrong with the values of a parameter, as a sentence; "" if nothing is."""
    dimension = re.fullmatch(r"z(\d+)", name, re.ASCII)
    if page == GENERATE and dimension and name not in knobs(model):
        return f"This model has no {name:.9}: its z has {model.params.z_dim} dimensions."
    row = _ROWS.get(CONTRAST if name.startswith(CONTRAST) else name)
    if row is None or row.page != page or (kind := _kind(row, model)) is None:
        return ""
    for value in values:
        try:
            kind.parse(value)
        except ValueError:
            return (
                f"In the link, {escaped(name)} must be {escaped(kind.must_be)}, "
                f"not {quoted(value)}. It was left out."
            )
    return ""


def value(name: str, model: TrainedVAE) -> Any:
    """The value of a parameter that no widget shows; None if the address has none that is valid."""
    text, kind = st.query_params.get(name), _kind(_ROWS[name], model)
    try:
        return None if text is None or kind is None else kind.parse(text)
    except ValueError:  # It was right for the model that was shown before.
        return None


def pop(name: str) -> str | None:
    """The text of a parameter that is read once, and is then taken out of the address."""
    text: str | None = st.query_params.pop(name, None)
    return text


def segmented(
    at: Any, name: str, label: str, model: TrainedVAE, default: Any = None, **more: Any
) -> Any:
    """Show the choice of a parameter; returns the option.

    Args:
        at: the container, or `st`.
        name: of the parameter.
        label: of the widget.
        model: whose options are shown.
        default: the option to begin with, if the table has none.
        more: as of `st.segmented_control`.
    """
    return at.segmented_control(
        label,
        options(name, model),
        default=_ROWS[name].default if default is None else default,
        required=True,
        key=name,
        bind="query-params",
        **{"width": "content"} | more,
    )


def selectbox(
    at: Any, name: str, label: str, model: TrainedVAE, default: Any = None, **more: Any
) -> Any:
    """The same as a list that opens."""
    among = options(name, model)
    first = _ROWS[name].default if default is None else default
    return at.selectbox(
        *(label, among, among.index(first)),
        key=name,
        bind="query-params",
        filter_mode=None,
        **more,
    )


def number(at: Any, name: str, label: str, **more: Any) -> int:
    """Show the field of a parameter that is a whole number; returns it."""
    row = _ROWS[name]
    assert isinstance(row.kind, Number)
    low, high = int(row.kind.low), int(row.kind.high)
    found = at.number_input(label, low, high, row.default, key=name, bind="query-params", **more)
    return int(found)


def slider(at: Any, name: str, label: str, step: float, default: Any = None, **more: Any) -> float:
    """Show the slider of a parameter; returns its value."""
    row = _ROWS[CONTRAST if name.startswith(CONTRAST) else name]
    assert isinstance(row.kind, Number)
    first = row.default if default is None else default
    bounds = (row.kind.low, row.kind.high)
    found = at.slider(label, *bounds, first, step, key=name, bind="query-params", **more)
    return float(found)


def options(name: str, model: TrainedVAE) -> Sequence[Any]:
    """What a parameter can be chosen from."""
    kind = _kind(_ROWS[name], model)
    assert isinstance(kind, OneOf)
    return kind.options


def default(name: str) -> Any:
    """The default of a parameter; None if it depends on what else is shown."""
    return _ROWS[name].default


def warn(message: str) -> None:
    """Show a sentence about the address, where it is called."""
    st.warning(message, icon=":material/link_off:")


def missing(kind: str, wanted: str, shown: str) -> str:
    """The sentence about something that an address names and that does not exist."""
    return f"There is no {kind} {quoted(wanted)}. Shown: {escaped(shown)}."


def quoted(text: str) -> str:
    """A text from an address, short and as plain text in quotes."""
    short = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
    return f"'{escaped(short)}'"


def _kind(row: Parameter, model: TrainedVAE) -> Kind | None:
    return row.kind if isinstance(row.kind, Kind) else row.kind(model)
