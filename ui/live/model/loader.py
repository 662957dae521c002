"""The trained model in the visitor's browser: its weights, sent when it does not have them."""

import streamlit as st

from ui.live import component, triggered
from ui.live.model.pack import pack
from vae.model.numpy_model import TrainedVAE

_loader = component("model/loader")
_FAILED = "live_failed"
_WANTED = "wanted_model"
_SENT = "sent_models"
_KEPT = 4
"""Models that the browser keeps: MAX_MODELS in hub.js."""


def mount(model_id: str, model: TrainedVAE) -> bool:
    """Show the element, which has no looks, at the end of a page; returns `works()`.

    Args:
        model_id: changes with the model; the components on the page name the model by it.
        model: what to send.
    """
    if works():
        _load(model_id, model)
    return works()


def works() -> bool:
    """Whether the page can rely on its components, until one of them reports a failure."""
    return not st.session_state.get(_FAILED, False)


def report_failure() -> None:
    """The callback of every component's trigger `failed`: the page is drawn without them."""
    st.session_state[_FAILED] = True


@st.fragment
def _load(model_id: str, model: TrainedVAE) -> None:
    if not works():  # It has just been reported: the page is to be drawn without components.
        st.rerun()
    # A new session is a new page, which has no model yet. Later the browser asks if it has lost it,
    # or if the message with it was replaced by one of the next run before it was sent.
    sent = st.session_state.setdefault(_SENT, [])
    wanted = st.session_state.pop(_WANTED, None) == model_id or model_id not in sent
    if wanted:
        sent[:] = [model_id, *(other for other in sent if other != model_id)][:_KEPT]
    _loader(
        data=_packed(model_id, model) if wanted else {"model": model_id},
        key="loader",
        height="content",
        on_want_change=_note_wanted,
        on_failed_change=report_failure,
    )


def _note_wanted() -> None:
    st.session_state[_WANTED] = triggered("loader", "want")


@st.cache_resource(show_spinner=False, max_entries=8)
def _packed(model_id: str, _model: TrainedVAE) -> bytes:
    return pack(_model, model_id)
