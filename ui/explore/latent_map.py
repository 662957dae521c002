"""The map of the latent space: a view of the Explore page."""

import re
from typing import Any

import streamlit as st

from ui import links, subject
from ui.explore import still_map
from ui.live.explore import map as live_map
from ui.live.explore import map_source
from ui.live.model import loader
from ui.live.numbers import encoded_grays
from vae.data.mnist import CLASSES, TEST_SIZE
from vae.model import registry
from vae.model.numpy_model import TrainedVAE

PROJECTIONS = ("plane", "pca", "neighbours")
"""As in map_points.js."""

_LABELLED, _UNLABELLED = "plane", "unlabelled"
"""The included models whose maps show the difference that labels make."""

_PLACE = re.compile(r"-?\d{1,4}(\.\d{1,6})?,-?\d{1,4}(\.\d{1,6})?", re.ASCII)
_RULES = {
    "map": links.one_of(PROJECTIONS),
    "pin": links.Rule(lambda text: bool(_PLACE.fullmatch(text)), "two numbers such as 0.5,-1.2"),
    "shown": links.Rule(
        lambda text: bool(re.fullmatch(r"(?!.*(.).*\1)\d{1,10}", text, re.ASCII)),
        "different digits such as 37",
    ),
    "as": links.one_of(range(CLASSES)),
}
"""What a copied link says of the map besides the model."""

_SEES_LABEL = (
    "The decoder of this model is told the digit, so z need not hold it, only the style of the "
    "image."
)
_NO_LABEL = "The decoder of this model is not told the digit, so z has to hold it, too."


def show(model: TrainedVAE, model_id: str) -> None:
    """Show it, where it is called."""
    name = model_id.rpartition("@")[0]
    start = _start()
    says = _SEES_LABEL if model.labelled else _NO_LABEL
    other = _other_kind(model)
    if not loader.works():
        still_map.show(name, model_id, model, says)
        if other:
            st.button(_other_says(model), on_click=_choose, args=(other,))
        return
    drawing = subject.drawing()
    live_map.show(
        {
            "model": model_id,
            "zDim": model.params.z_dim,
            "labelled": model.labelled,
            "names": {str(i): called for i, called in model.knob_names.items()},
            "says": says,
            "waiting": f"Here come {TEST_SIZE:,} test images, each at the μ that the encoder "
            "gives it.",
            "other": _other_says(model) if other else "",
            "start": start,
            "drawing": None if drawing is None else encoded_grays(drawing.x),
        },
        choose_other=lambda: _choose(other),
    )
    map_source.mount(name, model_id, model)


def _start() -> dict[str, Any]:
    """What the address asks for, checked; what is wrong is named once and taken out of it."""
    given = {name: st.query_params[name] for name in _RULES if name in st.query_params}
    for name, value in list(given.items()):
        if not _RULES[name].valid(value):
            links.warn(
                f"In the link, {name} must be {_RULES[name].allowed}, not {links.quoted(value)}. "
                "It is ignored."
            )
            del given[name], st.query_params[name]
    pin, digit = given.get("pin"), given.get("as")
    return {
        "projection": given.get("map"),
        "pin": None if pin is None else [float(value) for value in pin.split(",")],
        "shown": [int(digit) for digit in given["shown"]] if "shown" in given else None,
        "digit": None if digit is None else int(digit),
    }


def _other_kind(model: TrainedVAE) -> str | None:
    """The included model of the other kind, if it is there."""
    other = _UNLABELLED if model.labelled else _LABELLED
    return other if other in registry.available() else None


def _other_says(model: TrainedVAE) -> str:
    return "Show the model without labels" if model.labelled else "Show the model with labels"


def _choose(name: str | None) -> None:
    if name is not None:
        st.session_state.model = name
