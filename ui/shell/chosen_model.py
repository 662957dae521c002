"""What all pages share: the chosen model and the icon."""

import base64
from pathlib import Path

import streamlit as st

from ui.public import visitor
from ui.shared.loaded_models import load
from vae.errors import WeightsError
from vae.model.numpy_model import TrainedVAE
from vae.public import access

_ICON = Path(__file__).with_name("icon.png")
ICON = f"data:image/png;base64,{base64.b64encode(_ICON.read_bytes()).decode()}"
"""The icon of the pages, as text: a file would be fetched again whenever the address changes."""


def current() -> tuple[TrainedVAE, str]:
    """The chosen model and its id in the browser; a page without one shows why and ends here."""
    name = st.session_state.model
    try:
        loaded = load(model_path(name))
        return loaded.model, f"{name}@{loaded.digest}"
    except WeightsError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def model_path(name: str) -> Path:
    """The file of a model.

    Raises:
        WeightsError: there is none of that name that the visitor sees.
    """
    return access.model(visitor.current(), name)
