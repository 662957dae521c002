"""The Draw page's model in the browser: it follows the pen and lets a visitor move z."""

import streamlit as st

from ui.components import component, handover, triggered
from ui.components.numbers import encoded_grays
from ui.draw.canvas import Drawing
from vae.model.numpy_model import TrainedVAE

_draw = component("draw/stages")
_KEY = "live_draw"


def show(drawn: Drawing, model_id: str, model: TrainedVAE, said: str) -> None:
    """Show the stages of the model for a drawing.

    Args:
        drawn: what is on the canvas; what the pen drew the browser reads there itself.
        model_id: the id by which the browser has the model.
        model: the model.
        said: its answer, in words.
    """
    # What the pen has drawn since is not sent: the browser has it.
    shown = (model_id, drawn.revision)
    if st.session_state.get(f"{_KEY}_shown") != shown:
        st.session_state[f"{_KEY}_shown"] = shown
        st.session_state[f"{_KEY}_data"] = {
            "model": model_id,
            "zDim": model.params.z_dim,
            "sureAbove": model.sure_above,
            "labelled": model.labelled,
            "likelihood": model.params.likelihood,
            "revision": drawn.revision,
            "example": drawn.label,
            "z": drawn.z[1] if drawn.z and drawn.z[0] == model_id else None,
            "x": None if drawn.x is None else encoded_grays(drawn.x),
        }
    _draw(
        data=st.session_state[f"{_KEY}_data"] | {"run": drawn.runs, "said": said},
        key=_KEY,
        height="content",
        on_use_change=lambda: _use(model),
    )
    handover.show_link()


def _use(model: TrainedVAE) -> None:
    """Take the z on the screen to Generate, as its knobs."""
    if handover.save(triggered(_KEY, "use"), model):
        st.session_state["from_drawing"] = True
