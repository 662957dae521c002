"""Taking the z on another page to Generate, as the values of its knobs."""

from typing import Any

import streamlit as st

from ui.generate.choices import MAX_Z, knob_value
from ui.pages import script
from vae.model.numpy_model import TrainedVAE

_Z, _TAKEN = "taken_z", "taken_to_generate"


def show_link() -> None:
    """The link to Generate that ui/live/to_generate.js clicks on, once there is a z; it has no
    looks.
    """
    if _TAKEN not in st.session_state:
        return
    with st.container(key="to_generate"):
        # It clicks when this has changed. st.switch_page fails while the address holds the model.
        st.html(f'<span data-taken="{st.session_state[_TAKEN]}"></span>')
        st.page_link(script("generate"), label="Generate with this z")


def take(report: Any, model: TrainedVAE) -> bool:
    """Keep the z of a browser's report for the knobs; whether it is one of this model."""
    z = checked(report, model.params.z_dim)
    if z is None:
        return False
    st.session_state[_Z] = z
    st.session_state[_TAKEN] = st.session_state.get(_TAKEN, 0) + 1
    return True


def adopt() -> None:
    """Set the knobs to the z that was taken here, before they are made.

    If another page set them, the values would be lost if Generate had been left before it was
    drawn to its end.
    """
    for i, value in enumerate(st.session_state.pop(_Z, ())):
        st.session_state[f"z{i}"] = knob_value(value)


def checked(report: Any, z_dim: int) -> list[float] | None:
    """The z of a report of the browser, {"z": […]}, or None if it is not of this form."""
    z = report.get("z") if isinstance(report, dict) else None
    if not isinstance(z, list) or len(z) != z_dim:
        return None
    if not all(isinstance(value, int | float) and abs(value) < MAX_Z for value in z):
        return None
    return [float(value) for value in z]
