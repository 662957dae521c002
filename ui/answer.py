"""What is said of a drawing, and its numbers as charts where the live model does not work."""

import streamlit as st

from ui import charts, pictures
from ui.canvas import Drawing
from ui.labels import percent, with_article
from vae.images import grid
from vae.model.numpy_model import TrainedVAE

_PICTURE = 132
"""Pixels a side of the pictures beside the charts."""


def verdict(drawn: Drawing, model: TrainedVAE) -> None:
    """The digit, or why there is none."""
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
            f"Below a confidence of {percent(model.sure_above)} this model is too often wrong."
        )
    else:
        heading = f"It is {with_article(answer.digit)}"
        text = f"Confidence: {percent(answer.confidence)}"
    if drawn.label is not None:
        text += f" · a test digit, labelled {drawn.label}"
    st.markdown(f"## {heading}", width="content")
    st.caption(text, width="content")
    # The live model sees by its change that the answer to the last stroke is there.
    st.html(f'<span hidden data-answer="{drawn.runs}"></span>', width="content")


def numbers(drawn: Drawing, model: TrainedVAE) -> None:
    """What the model sees and draws, the probabilities and z: pictures and charts of Streamlit."""
    if drawn.x is None:
        return
    pair = st.container(horizontal=True)
    with pair.container(width=_PICTURE):
        pictures.show(grid([[drawn.x]]), "The drawing as the model sees it")
        st.caption("What the model sees")
    if drawn.objection:
        return
    answer = model.predict(drawn.x)
    with pair.container(width=_PICTURE):
        pictures.show(grid([[answer.reconstructed]]), "The model's reconstruction")
        st.caption("What it draws from z")
    st.caption("Probability of each digit")
    charts.digit_probabilities(answer.digit_prob, model.sure_above, key="probabilities")
    st.caption("The encoder's z: each point is μ, each bar reaches from μ − σ to μ + σ")
    charts.latents(answer.mu, answer.sigma, key="latents")
