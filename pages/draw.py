"""Draw a digit: what the model sees, which digit it is, how the model redraws it."""

import streamlit as st

from ui import charts, pictures, shell
from ui.canvas import SIDE, drawing
from ui.labels import percent, with_article
from vae.images import grid

shell.require_navigation()


@st.fragment
def draw_and_answer() -> None:
    """The canvas and the answer: a stroke redraws these alone."""
    row = st.container(horizontal=True, gap="large")
    canvas = row.container(width=SIDE)
    verdict = row.container(width=SIDE)
    numbers = row.container(width="stretch")
    with canvas:
        st.markdown("### Draw a digit")
        drawn = drawing()
    if drawn.x is None:
        with verdict:
            st.markdown("### What you will see")
            st.markdown(
                "Draw with the mouse, a pen or a finger: any size, one stroke or several. "
                "The model classifies your digit, encodes it as a few numbers z "
                "and draws it again from those numbers."
            )
        return

    if drawn.objection:
        with verdict:
            st.markdown("### Not one digit")
            st.caption(drawn.objection)
            with st.container(width=SIDE // 2 - 8):
                pictures.show(grid([[drawn.x]]), "The drawing as the model sees it")
                st.caption("What the model sees")
        return

    model = shell.current()
    answer = model.predict(drawn.x)
    with verdict:
        if answer.sure:
            st.markdown(f"### It is {with_article(answer.digit)}")
            st.caption(f"Confidence: {percent(answer.confidence)}")
        else:
            st.markdown("### Not sure")
            st.caption(
                f"{with_article(answer.digit).capitalize()}, "
                f"or perhaps {with_article(answer.runner_up)}? "
                f"Below a confidence of {percent(model.sure_above)} this model is too often wrong, "
                "so the answer is «not sure»."
            )
        pair = st.container(horizontal=True)
        with pair.container(width=SIDE // 2 - 8):
            pictures.show(grid([[drawn.x]]), "The drawing as the model sees it")
            st.caption("What the model sees")
        with pair.container(width=SIDE // 2 - 8):
            pictures.show(grid([[answer.reconstructed]]), "The model's reconstruction")
            st.caption("What it draws from z")
    with numbers:
        st.caption("Probability of each digit")
        charts.digit_probabilities(answer.digit_prob, model.sure_above, key="probabilities")
        st.caption("The encoder's z: each point is μ, each bar reaches from μ − σ to μ + σ")
        charts.latents(answer.mu, answer.sigma, key="latents")


draw_and_answer()
