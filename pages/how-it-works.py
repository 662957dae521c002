"""How it works: one image followed through the model, step by step."""

import streamlit as st

from ui import drawing_link, links, shell, subject
from ui.copy_link import copy_link
from ui.how import steps
from ui.how.step import PARAMETER

model, model_id = shell.current()
rules = subject.rules("how")
invalid = links.invalid(rules)
step = steps.wanted()
with st.container(key="how_top", horizontal=True, vertical_alignment="bottom"):
    image = subject.choose("how")
    copy_link("Copy link", {**drawing_link.own(), PARAMETER: step})
links.warn_invalid(invalid, rules)
steps.choose(step)
steps.show(step, image, model, model_id)
