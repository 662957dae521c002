"""Generate digits: choose which, set the latent knobs, download the picture."""

import streamlit as st

from ui import generate
from ui.components import handover
from ui.generate import controls, downloads, grid, knobs, slider_sync
from ui.shared import address
from ui.shell import chosen_model

model, model_id = chosen_model.current()
address.check(address.GENERATE, model)
handover.set_knobs()
knobs.update_start()
order = knobs.strongest(model_id, model)

st.html(generate.STYLE)
sides = st.container(key="generate")
with sides.container(key="picture_side"):
    picture_place = st.container(key="picture")
    buttons = st.container(key="picture_buttons")

with sides.container():
    choices = controls.choose(model, order)
    knobs.heading(model)
    knobs.sliders(model, choices, order)

with picture_place:
    if not choices.digits:
        st.info("Choose at least one digit.", icon=":material/touch_app:")
    else:
        grid.show(model, model_id, choices)
with buttons:
    downloads.show(model, model_id, choices)

slider_sync.show_alone([*choices.values])
