"""Draw a digit: what each stage of the model makes of it, while the pen moves."""

import streamlit as st

from ui import draw
from ui.components.copy_link import copy_link
from ui.draw import answer, drawing_link, examples, stages
from ui.draw.canvas import drawing
from ui.shell import chosen_model

st.html(draw.STYLE)


@st.fragment
def draw_and_answer() -> None:
    """The canvas and the answer: a stroke redraws these alone."""
    with st.container(key="paper"):
        drawn = drawing(examples.first_drawing)
    model, model_id = chosen_model.current()
    drawing_link.read_z(drawn, model, model_id)
    with st.container(key="answer"):
        with st.container(key="answer_text", horizontal=True, vertical_alignment="center"):
            said = answer.show(drawn, model)
        stages.show(drawn, model_id, model, said)
    with st.container(key="link"):
        parameters = drawing_link.shown(drawn)
        if not drawn.z:
            parameters[drawing_link.Z] = None
        copy_link("Copy link", parameters, in_address=True)


with st.container(key="draw"):
    st.markdown("## Draw a digit")
    draw_and_answer()
    with st.container(key="examples"):
        examples.choice()
model, model_id = chosen_model.current()
