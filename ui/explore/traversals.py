"""A view of the Explore page: each dimension of z swept, the others kept."""

import streamlit as st

from ui import links
from ui.explore import places
from ui.explore.places import PRIOR_MEAN
from ui.generate import knobs, take
from ui.live.explore import traversals as live
from ui.subject import DRAWING, TEST_DIGIT
from vae.data.mnist import Floats
from vae.model.latent import effect, even_steps
from vae.model.numpy_model import TrainedVAE

COLUMNS = 9

_SOURCES = [PRIOR_MEAN, DRAWING, TEST_DIGIT]


def show(model: TrainedVAE, model_id: str) -> None:
    """Show it, where it is called."""
    rules = places.rules("base", _SOURCES) | places.digit_rules(model)
    invalid = links.invalid(rules)
    places.style()
    row = places.row("base")
    start = places.choose(row, "base", model, _SOURCES, "Start at", default=PRIOR_MEAN)
    prob = places.choose_digit(row, model, start)
    links.warn_invalid(invalid, rules)
    order = [int(knob[1:]) for knob in knobs.strongest(model_id, model)]
    st.caption(_explanation(model))
    effects = _effects(model_id, model)
    live.show(
        {
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
        lambda report: places.take_to_generate(report, model),
    )
    take.show_link()


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
