"""What all pages share: the process' set-up and the chosen model."""

import base64
import gc
from importlib import import_module
from pathlib import Path

import streamlit as st

from ui import memory
from ui.loaded_models import load
from ui.public import visitor
from vae.errors import WeightsError
from vae.model.numpy_model import TrainedVAE
from vae.public import access

_ICON = Path(__file__).with_name("icon.png")
ICON = f"data:image/png;base64,{base64.b64encode(_ICON.read_bytes()).decode()}"
"""The icon of the pages, as text: a file would be fetched again whenever the address changes."""


@st.cache_resource(show_spinner=False)
def prepare_process() -> None:
    """Load what the first drawing needs, spare the libraries from garbage collection, save memory.

    The interval at which threads take turns stays Python's default of 5 ms. With 0.5 ms the slowest
    twentieth of 50 visitors' turns took as long on an idle machine (0.16 s against 0.13 to 0.15 s),
    and 1.2 s instead of 0.3 s on a busy one.
    """
    import_module("scipy.ndimage")
    memory.keep_low()
    gc.collect()
    gc.freeze()


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
