"""The map of the latent space: a view of the Explore page."""

from typing import Any

import streamlit as st

from ui.components import component, subject
from ui.components.numbers import encoded_grays
from ui.explore import map_data
from ui.public import permissions
from ui.shared import address
from ui.shell import chosen_model
from vae.analysis.latent_map import has_embedding
from vae.data.mnist import TEST_SIZE
from vae.model.numpy_model import TrainedVAE

_NEIGHBOURS = "neighbours"

_LABELLED, _UNLABELLED = "plane", "unlabelled"
"""The included models whose maps show the difference that labels make."""

_live = component("explore/map/map")

_LABELLED_MAP = (
    "The decoder of this model gets the digit, so z need not hold it, only the style of the image."
)
_PREDICTED_MAP = (
    "The decoder of this model learned from the classifier's probabilities and its encoder gets no "
    "digit: z need not hold the digit, but nothing keeps it out."
)
_UNLABELLED_MAP = "The decoder of this model does not get the digit, so z has to hold it, too."
_LINK_OF = "map_link_of"


def show(model: TrainedVAE, model_id: str) -> None:
    """Show it, where it is called."""
    start = _start(model_id, model)
    other = _other_kind(model)
    drawing = subject.drawing()
    _live(
        data={
            "model": model_id,
            "zDim": model.params.z_dim,
            "labelled": model.labelled,
            "names": {str(i): called for i, called in model.knob_names.items()},
            "explanation": _explanation(model),
            "waiting": f"Loading {TEST_SIZE:,} test images…",
            "images": map_data.IMAGES,
            "other": _other_label(model) if other else "",
            "start": start,
            "drawing": None if drawing is None else encoded_grays(drawing.x),
        },
        key="map",
        height="content",
        on_other_change=lambda: _choose(other),
    )


def _explanation(model: TrainedVAE) -> str:
    if not model.labelled:
        return _UNLABELLED_MAP
    return _LABELLED_MAP if model.params.encoder_sees_label else _PREDICTED_MAP


def _start(model_id: str, model: TrainedVAE) -> dict[str, Any]:
    """What the address asks for, checked. It is about the model that is shown first."""
    projection = pin = shown = digit = None
    if st.session_state.setdefault(_LINK_OF, model_id) == model_id:
        names = ("map", "pin", "shown", "as")
        projection, pin, shown, digit = (address.value(name, model) for name in names)
    path = chosen_model.model_path(st.session_state.model)
    if projection == _NEIGHBOURS and not has_embedding(path, model):
        projection = None
        address.warn("This model has no stored embedding. Shown: pca.")
    return {"projection": projection, "pin": pin, "shown": shown, "digit": digit}


def _other_kind(model: TrainedVAE) -> str | None:
    """The included model of the other kind, if it is there."""
    other = _UNLABELLED if model.labelled else _LABELLED
    return other if other in permissions.models() else None


def _other_label(model: TrainedVAE) -> str:
    return "Show the model without labels" if model.labelled else "Show the model with labels"


def _choose(name: str | None) -> None:
    if name is not None:
        st.session_state.model = name
