"""The z of another page, handed over to Generate as the values of its knobs."""

from typing import Any

import streamlit as st

from ui.shared.address import MAX_Z, knob_value
from ui.shared.pages import script
from vae.model.numpy_model import TrainedVAE

_Z, _COUNT = "handed_over_z", "handed_over"


def show_link() -> None:
    """The invisible link to Generate that to_generate.js clicks, once there is a z."""
    if _COUNT not in st.session_state:
        return
    with st.container(key="to_generate"):
        # It clicks when this has changed. st.switch_page fails while the address holds the model.
        st.html(f'<span data-taken="{st.session_state[_COUNT]}"></span>')
        st.page_link(script("generate"), label="Generate with this z")


def save(report: Any, model: TrainedVAE) -> bool:
    """Save the z of a browser's report for the knobs; whether it is one of this model."""
    z = parse_report(report, model.params.z_dim)
    if z is None:
        return False
    st.session_state[_Z] = z
    st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1
    return True


def set_knobs() -> None:
    """Set the knobs to the z that was saved, before they are made.

    If another page set them, the values would be lost if Generate had been left before it was
    drawn to its end.
    """
    for i, value in enumerate(st.session_state.pop(_Z, ())):
        st.session_state[f"z{i}"] = knob_value(value)


def parse_report(report: Any, z_dim: int) -> list[float] | None:
    """The z of a report of the browser, {"z": […]}, or None if it is not of this form."""
    z = report.get("z") if isinstance(report, dict) else None
    if not isinstance(z, list) or len(z) != z_dim:
        return None
    if not all(isinstance(value, int | float) and abs(value) < MAX_Z for value in z):
        return None
    return [float(value) for value in z]
