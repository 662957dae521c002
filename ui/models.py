"""The trained models that the pages share."""

from pathlib import Path

import streamlit as st

from vae import weights
from vae.inference import TrainedVAE

DEFAULT = "classic"


def picker() -> None:
    """Let the visitor choose the model that `current` returns; the choice is in the URL."""
    names = list(weights.available())
    if not names:
        st.error("There is no trained model; train one in the terminal: python -m vae train")
        st.stop()
    about = st.container(width="content")
    st.selectbox(
        "Model",
        names,
        index=names.index(DEFAULT) if DEFAULT in names else 0,
        key="model",
        bind="query-params",
        label_visibility="collapsed",
        width=200,
    )
    about.caption(_describe(st.session_state.model))


def current() -> TrainedVAE:
    """The chosen model; a page without one shows why and ends here."""
    try:
        return _load(weights.available()[st.session_state.model])
    except weights.WeightsError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def _describe(name: str) -> str:
    try:
        accuracy = _load(weights.available()[name]).metrics.get("accuracy")
    except (weights.WeightsError, KeyError):
        return "cannot be read"
    return f"reads {accuracy:.1%} of the test set" if accuracy else "in training"


def _load(path: Path) -> TrainedVAE:
    try:
        return _cached(str(path), path.stat().st_mtime_ns)
    except OSError:
        raise weights.WeightsError(f"There is no model {path.stem!r} any more.") from None


@st.cache_resource(show_spinner=False, max_entries=64)
def _cached(path: str, _modified: int) -> TrainedVAE:
    return weights.load(path)
