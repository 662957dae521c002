"""The views of the Explore page, and the choice of one."""

from collections.abc import Callable

import streamlit as st

from ui import links
from ui.explore import arithmetic, latent_map, morph, sheet, traversals
from vae.model.numpy_model import TrainedVAE

VIEWS: dict[str, Callable[[TrainedVAE, str], None]] = {
    "Map": latent_map.show,
    "Traversals": traversals.show,
    "Sheet": sheet.show,
    "Morph": morph.show,
    "Arithmetic": arithmetic.show,
}
"""By the names of the views; each is called with the model and its id in the browser."""

_KEY = "view"


def choose() -> Callable[[TrainedVAE, str], None]:
    """Show the choice of the view; returns what shows it."""
    rules = {_KEY: links.one_of(VIEWS)}
    invalid = links.invalid(rules)
    name = st.segmented_control(
        "View",
        list(VIEWS),
        default="Map",
        required=True,
        key=_KEY,
        bind="query-params",
        label_visibility="collapsed",
    )
    links.warn_invalid(invalid, rules)
    return VIEWS[name]
