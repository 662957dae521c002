"""The model's answer to a drawing, as the heading of the Draw page."""

import streamlit as st

from ui.draw.canvas import Drawing
from ui.shared.labels import percent, with_article
from vae.model.numpy_model import SURE_ACCURACY, TrainedVAE


def show(drawn: Drawing, model: TrainedVAE) -> str:
    """The digit, or why there is none; returns what it says."""
    answer = None if drawn.x is None else model.answer(drawn.x)
    if answer is None:
        heading, text = (
            "Nothing is drawn",
            "Draw with the mouse, a pen, a finger or the arrow keys, at any size.",
        )
    elif drawn.objection:
        heading, text = "Not one digit", drawn.objection
    elif not answer.sure:
        heading = "Not sure"
        text = (
            f"{with_article(answer.digit).capitalize()}, "
            f"or perhaps {with_article(answer.runner_up)}? "
            f"From {percent(model.sure_above)} on, {percent(SURE_ACCURACY)} of the answers on "
            "digits drawn by a program are right. This one is below."
        )
    else:
        heading = f"It is {with_article(answer.digit)}"
        text = f"Confidence: {percent(answer.confidence)}"
    if drawn.label is not None:
        text += f" · a test digit, labelled {drawn.label}"
    st.markdown(f"## {heading}", width="content")
    st.caption(text, width="content")
    return f"{heading}. {text}"
