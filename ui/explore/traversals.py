"""A view of the Explore page: each dimension of z swept, the others kept."""

import streamlit as st

from ui.components import component, handover, triggered
from ui.explore import VIEW_HTML, places
from ui.generate import knobs
from vae.analysis.latent import effect, even_steps
from vae.data.mnist import Floats
from vae.model.numpy_model import TrainedVAE

COLUMNS = 9

_live = component("explore/traversals", VIEW_HTML)
_KEY = "live_traversals"


def show(model: TrainedVAE, model_id: str) -> None:
    """Show it, where it is called."""
    row = places.row("base")
    start = places.choose(row, "base", model, "Start at")
    prob = places.choose_digit(row, model, start)
    order = [int(knob[1:]) for knob in knobs.strongest(model_id, model)]
    st.caption(_explanation(model))
    effects = _effects(model_id, model)
    _live(
        data={
            "model": model_id,
            "order": order,
            "names": {str(i): name for i, name in model.knob_names.items()},
            "effects": (effects / max(effects.max(), 1e-9)).tolist(),
            "z": start.z.tolist(),
            "walked": places.walk(model, start),
            "title": start.title,
            "prob": prob.tolist(),
            "values": even_steps(COLUMNS).tolist(),
        },
        key=_KEY,
        height="content",
        on_use_change=lambda: places.take_to_generate(triggered(_KEY, "use"), model),
    )
    handover.show_link()


def _explanation(model: TrainedVAE) -> str:
    text = (
        "Each row is a slider: its pictures show where its dimension leads while the others stay. "
        "**Drag along a row**, and the other rows change with it."
    )
    if model.params.z_dim > 2:
        text += (
            " The first rows change the picture most; a row of equal pictures is a dimension that "
            "the model does not use."
        )
    return text


@st.cache_data(show_spinner=False, max_entries=64)
def _effects(model_id: str, _model: TrainedVAE) -> Floats:
    return effect(_model)
