"""The map of the latent space as a picture, where the browser cannot draw it."""

import streamlit as st

from ui.live.explore.map import source
from vae.errors import VAELabError
from vae.model.numpy_model import TrainedVAE
from vae.model.projection import plane_of

_FEW = 2000


def show(name: str, model_id: str, model: TrainedVAE, explanation: str) -> None:
    """Show `_FEW` test images as points of a chart, and what there is to see.

    Args:
        name: of the model.
        model_id: changes with the model.
        model: the model.
        explanation: of what the map shows.
    """
    st.markdown(explanation)
    try:
        points = source.test_points(name, model_id, model)
        st.markdown(source.share_said(name, model_id, model))
    except VAELabError as error:
        st.error(str(error), icon=":material/error:")
        return
    plane = plane_of(points.mu)
    at = (points.mu[:_FEW] - plane.origin) @ plane.axes.T
    names = ("z0", "z1") if model.params.z_dim <= 2 else ("component 1", "component 2")
    st.scatter_chart(
        {
            names[0]: at[:, 0],
            names[1]: at[:, 1],
            "digit": [str(digit) for digit in points.y[:_FEW]],
        },
        x=names[0],
        y=names[1],
        color="digit",
        size=20,
        height=500,
    )
    st.caption(f"The μ of the first {_FEW:,} test images.")
