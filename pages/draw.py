"""Draw a digit: what the model sees, what it reads, how it would draw it."""

import streamlit as st

from ui import charts, pictures, shell
from ui.canvas import SIDE, drawing
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
            st.markdown("### What will it be?")
            st.markdown(
                "Any size, one stroke or several, with the mouse, a pen or a finger. "
                "The model will read your digit, squeeze it into a few numbers "
                "and draw it again from those alone."
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

    answer = shell.current().predict(drawn.x)
    with verdict:
        if answer.sure:
            st.markdown(f"### It is a {answer.digit}")
            st.caption(f"with {answer.confidence:.1%} confidence")
        else:
            st.markdown("### Not sure")
            st.caption(f"a {answer.digit}, or perhaps a {answer.runner_up}?")
        pair = st.container(horizontal=True)
        with pair.container(width=SIDE // 2 - 8):
            pictures.show(grid([[drawn.x]]), "The drawing as the model sees it")
            st.caption("What the model sees")
        with pair.container(width=SIDE // 2 - 8):
            pictures.show(grid([[answer.reconstructed]]), "The model's reconstruction")
            st.caption("What it draws")
    with numbers:
        st.caption("How likely is each digit?")
        charts.digit_probabilities(answer.digit_prob, key="probabilities")
        st.caption("Where is it in latent space? The point is μ, the bar μ ± σ")
        charts.latents(answer.mu, answer.sigma, key="latents")


draw_and_answer()
