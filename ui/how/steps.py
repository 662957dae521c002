"""The steps of the page How it works: which is shown, and how."""

from pathlib import Path

import streamlit as st

from ui.components import component
from ui.components.subject import Subject
from ui.how import code, glossary
from ui.how.beta import beta
from ui.how.decode import decode
from ui.how.encode import encode
from ui.how.label import label
from ui.how.loss import loss
from ui.how.readings import readings
from ui.how.sample import sample
from ui.how.step import Step, go
from ui.how.training_step import training_step
from ui.shared.address import ALL_STEPS, GLOSSARY, STEP
from vae.model.numpy_model import TrainedVAE

STEPS: list[Step] = [
    encode.STEP,
    sample.STEP,
    label.STEP,
    decode.STEP,
    loss.STEP,
    readings.STEP,
    training_step.STEP,
    beta.STEP,
]

_ROW = "how_step"
_LAST, _LEFT_AT = "how_last", "how_left_at"
"""The step shown last, and the step at which the visitor left for another page."""

_STYLE = Path(__file__).with_name("page.css")
_keys = component("how/keys")


def wanted() -> str:
    """What to show: the key of a step, `ALL_STEPS` or `GLOSSARY`; to be called once in a run.

    The address says it. Without, it is what was shown when this page was left for another one.
    """
    if _ROW not in st.session_state:  # The row was not on the page that was shown before.
        st.session_state[_LEFT_AT] = st.session_state.get(_LAST, STEPS[0].key)
    known = st.query_params.get(STEP, st.session_state[_LEFT_AT])
    st.session_state[_LAST] = known
    return known


def choose(wanted: str) -> None:
    """Show the row of the steps, where it is called, with the one that is shown."""
    names = _names()
    st.html(_STYLE)
    with st.container(key="how_row", horizontal=True, vertical_alignment="center"):
        _turn("Back", "chevron_left", wanted, -1)
        # The address decides: a link and the browser's Back change it without this widget.
        st.session_state[_ROW] = wanted
        st.segmented_control(
            "Step",
            list(names),
            format_func=names.__getitem__,
            required=True,
            key=_ROW,
            on_change=_follow_row,
            label_visibility="collapsed",
            wrap=True,
        )
        _turn("Next", "chevron_right", wanted, 1)
        _keys(data={}, key="how_keys", width=1)


def show(wanted: str, subject: Subject, model: TrainedVAE, model_id: str) -> None:
    """Show what `wanted` returned."""
    for number, step in enumerate(STEPS, 1):
        if wanted in (step.key, ALL_STEPS):
            _show(step, number, subject, model, model_id)
    if wanted in (GLOSSARY, ALL_STEPS):
        names = _names()
        glossary.show({step.key: names[step.key] for step in STEPS}, go)


def _names() -> dict[str, str]:
    """What the row calls each step, by its key."""
    names = {step.key: f"{number} {step.name}" for number, step in enumerate(STEPS, 1)}
    return names | {ALL_STEPS: "All steps", GLOSSARY: "Glossary"}


def _show(step: Step, number: int, subject: Subject, model: TrainedVAE, model_id: str) -> None:
    with st.container(key=f"how_one_{step.key}"):
        st.markdown(f"## {number} {step.title}")
        with st.container(key=f"how_question_{step.key}"):
            st.markdown(f":material/help: **Before you look:** {step.question}")
        step.show(subject, model, model_id)
        with st.container(key=f"how_seen_{step.key}"):
            st.markdown(f":material/visibility: **What you have seen:** {step.seen}")
        formula, source = st.columns([2, 3], gap="large")
        with formula:
            st.markdown("### The formula")
            st.latex(step.formula)
        with source:
            st.markdown("### The code")
            for place in step.code.split():
                _show_code(place)


def _show_code(place: str) -> None:
    try:
        found = code.read(place)
    except LookupError as error:  # The tests read all of it.
        st.caption(f"It cannot be read: {error.args[0]}")
        return
    st.code(found.text, language="python", wrap_lines=True)
    st.caption(f"{found.file}, line {found.line}")


def _turn(name: str, icon: str, shown: str, by: int) -> None:
    """The button to the step before or after the one shown."""
    keys = [step.key for step in STEPS]
    to = keys.index(shown) + by if shown in keys else -1
    st.button(
        name,
        icon=f":material/{icon}:",
        icon_position="left" if by < 0 else "right",
        key=f"how_{name.lower()}",
        disabled=not 0 <= to < len(keys),
        on_click=go,
        args=(keys[to % len(keys)],),
    )


def _follow_row() -> None:
    go(st.session_state[_ROW])
