"""The Draw page's model in the browser: it follows the pen and lets a visitor move z."""

from typing import Any

import streamlit as st

from ui.canvas import Drawing
from ui.generate.choices import knob_value
from ui.live import component
from ui.live.model import loader
from ui.live.numbers import encoded_grays
from vae.model.numpy_model import Prediction, TrainedVAE

_draw = component("draw/stages")
_KEY = "live_draw"
_MAX_Z = 100


def show(drawn: Drawing, model_id: str, model: TrainedVAE, answer: Prediction | None) -> None:
    """Show the stages of the model for a drawing.

    Args:
        drawn: what is on the canvas; what the pen drew the browser reads there itself.
        model_id: the id by which the browser has the model.
        model: the model.
        answer: its answer to the drawing, or None if nothing is drawn.
    """
    # The component's code travels with its data, so that these change only if they must.
    of = (model_id, drawn.placed)
    if st.session_state.get(f"{_KEY}_of") != of:
        st.session_state[f"{_KEY}_of"] = of
        st.session_state[f"{_KEY}_data"] = _data(drawn, model_id, model, answer)
    _draw(
        data=st.session_state[f"{_KEY}_data"],
        key=_KEY,
        height="content",
        on_use_change=lambda: _use(model.params.z_dim),
        on_failed_change=loader.report_failure,
    )
    # The element clicks on it once `_use` has been carried out. st.switch_page fails while the
    # address holds the chosen model.
    with st.container(key="to_generate"):
        st.page_link("pages/generate.py", label="Generate with this z")


def _data(
    drawn: Drawing, model_id: str, model: TrainedVAE, answer: Prediction | None
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "model": model_id,
        "zDim": model.params.z_dim,
        "sureAbove": model.sure_above,
        "labelled": model.labelled,
        "params": {
            "likelihood": model.params.likelihood,
            "decoder_std": model.params.decoder_std,
        },
        "revision": drawn.placed,
        "example": drawn.label,
        "z": drawn.z[1] if drawn.z and drawn.z[0] == model_id else None,
        "x": None,
    }
    if drawn.x is not None and answer is not None:
        data["x"] = encoded_grays(drawn.x)
        data["redrawn"] = encoded_grays(answer.reconstructed)
        for name in ("digit_prob", "mu", "sigma"):
            data[name] = getattr(answer, name).tolist()
    return data


def _use(z_dim: int) -> None:
    """Take the z on the screen to Generate, as its knobs."""
    z = _checked(st.session_state[_KEY].use, z_dim)
    if z is None:
        return
    st.session_state["from_drawing"] = True
    for i, value in enumerate(z):
        st.session_state[f"z{i}"] = knob_value(value)


def _checked(report: Any, z_dim: int) -> list[float] | None:
    """The z of a report of the browser, or None if it is not one of this model."""
    z = report.get("z") if isinstance(report, dict) else None
    if not isinstance(z, list) or len(z) != z_dim:
        return None
    if not all(isinstance(value, int | float) and abs(value) < _MAX_Z for value in z):
        return None
    return [float(value) for value in z]
