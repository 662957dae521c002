"""Generate digits: choose which, set the latent knobs, download the picture."""

import re

import streamlit as st

from ui import generate, links, shell
from ui.generate import choices as chosen
from ui.generate import controls, knobs, picture, take, take_home
from ui.live.generate import grid, turned

model, model_id = shell.current()
chosen.translate_link()
rules = chosen.rules(model)
# A run that the visitor has not caused keeps what was said of the address.
kept = st.session_state.get("invalid", {}) if grid.has_just_drawn() else {}
st.session_state.invalid = invalid = links.invalid(rules) | kept
take.adopt()
knobs.adopt_drawing()
order = knobs.strongest(model_id, model)

st.html(generate.STYLE)
notices = st.container()
picture_side, controls_side = st.columns(2, gap="large")
with picture_side:
    picture_place = st.container(key="picture")
    buttons = st.container(key="picture_buttons")

with controls_side:
    choices = controls.choose(model, model_id, order)
    knobs.heading(model)
    knobs.sliders(model, model_id, choices, order)

with picture_place:
    if not choices.digits:
        st.info("Choose at least one digit.", icon=":material/touch_app:")
    else:
        picture.show(model, model_id, choices)
with buttons:
    take_home.show(model, model_id, choices)
with notices:
    links.warn_invalid(invalid, rules)
    for key in st.query_params:
        if re.fullmatch(r"z\d+", key) and key not in rules and key not in st.session_state:
            links.warn(f"This model has no {key}: its z has {len(order)} dimensions.")

turned.keep([*choices.values])
