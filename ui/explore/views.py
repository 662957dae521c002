"""The views of the Explore page, and the choice of one."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ui.components.copy_link import copy_link
from ui.draw import drawing_link
from ui.explore import arithmetic, latent_map, morph, sheet, traversals
from ui.shared import address
from vae.model.numpy_model import TrainedVAE

VIEWS: dict[str, Callable[[TrainedVAE, str], None]] = {
    "Map": latent_map.show,
    "Traversals": traversals.show,
    "Sheet": sheet.show,
    "Morph": morph.show,
    "Arithmetic": arithmetic.show,
}
"""By the names of the views; each is called with the model and its id in the browser."""

_STYLE = Path(__file__).with_name("page.css")


def choose(model: TrainedVAE) -> Callable[[TrainedVAE, str], None]:
    """Show the choice of the view and the link to it; returns what shows the view."""
    st.html(_STYLE)
    with st.container(key="views", horizontal=True, vertical_alignment="center"):
        name = address.segmented(st, "view", "View", model, label_visibility="collapsed")
        copy_link("Copy link", drawing_link.own())
    return VIEWS[name]
