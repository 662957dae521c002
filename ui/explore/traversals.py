"""A view of the Explore page: each dimension of z swept, the others kept."""

import numpy as np
import streamlit as st

from ui import links, pictures
from ui.explore import places
from ui.explore.places import PRIOR_MEAN
from ui.generate import knobs, take
from ui.live.explore import traversals as live
from ui.live.model import loader
from ui.subject import DRAWING, TEST_DIGIT
from vae.data.mnist import Floats
from vae.images import grid
from vae.model.latent import effect, even_steps, traverse
from vae.model.numpy_model import TrainedVAE

COLUMNS = 9

_SOURCES = [PRIOR_MEAN, DRAWING, TEST_DIGIT]
_ALT = "A row of digits for each dimension of z"
_AROUND_REM = 20


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
    if loader.works():
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
    else:
        called = knobs.names(model)
        names = ", ".join(knobs.label(f"z{i}", called) for i in order)
        st.caption(f"Each row sweeps one dimension from −3 to 3, from above to below: {names}.")
        pictures.show(grid(images(model, start.z, prob, order), gap=2), _ALT, _AROUND_REM)


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


def images(model: TrainedVAE, z: Floats, prob: Floats, order: list[int]) -> Floats:
    """The rows of the picture around z: (dimensions, `COLUMNS`, 784) in [0, 1].

    Args:
        model: decodes them.
        z: (z_dim,).
        prob: what the decoder gets beside z, (10,).
        order: of the dimensions, from above to below.
    """
    latents = np.concatenate([traverse(z, COLUMNS, i) for i in order])
    probs = np.tile(prob, (len(latents), 1))
    return model.decode(latents, probs).reshape(len(order), COLUMNS, -1)


@st.cache_data(show_spinner=False, max_entries=64)
def _effects(model_id: str, _model: TrainedVAE) -> Floats:
    return effect(_model)
