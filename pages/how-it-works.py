"""How it works: one image followed through the model, step by step."""

import streamlit as st

from ui.components import subject
from ui.components.copy_link import copy_link
from ui.draw import drawing_link
from ui.how import steps
from ui.shared import address
from ui.shell import chosen_model

model, model_id = chosen_model.current()
address.check(address.HOW, model)
step = steps.wanted()
with st.container(key="how_top", horizontal=True, vertical_alignment="bottom"):
    image = subject.choose("how", model)
    copy_link("Copy link", {**drawing_link.own(), address.STEP: step})
steps.choose(step)
steps.show(step, image, model, model_id)
