"""What a step of the page How it works consists of."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from ui.components.subject import Subject
from ui.shared.address import STEP
from vae.model.numpy_model import TrainedVAE


class Step(NamedTuple):
    """A step.

    Attributes:
        key: in the address and in links of the glossary: "training_step".
        name: what the row of all steps calls it: "Training step".
        title: its heading.
        question: what to think of before one looks, in Markdown.
        show: shows the live part where it is called: called with the image that is followed,
            the model and the model's id in the browser.
        formula: in LaTeX.
        code: where its code is: a file below the project's folder and a name in it,
            "vae/model/numpy_model.py:TrainedVAE.encode"; several with spaces between them.
        seen: what one has seen, in Markdown.
    """

    key: str
    name: str
    title: str
    question: str
    show: Callable[[Subject, TrainedVAE, str], None]
    formula: str
    code: str
    seen: str


def go(key: str) -> None:
    """Have the address ask for this step from the next run on: the callback of a button."""
    st.query_params[STEP] = key
