"""The map of the latent space as a picture, where the browser cannot draw it."""

import streamlit as st

from ui.live.explore import map_source
from vae.errors import DataError
from vae.model.numpy_model import TrainedVAE
from vae.model.projection import plane_of

_FEW = 2000


def show(name: str, model_id: str, model: TrainedVAE, says: str) -> None:
    """Show `_FEW` test images as points of a chart, and what there is to see.

    Args:
        name: of the model.
        model_id: changes with the model.
        model: the model.
        says: what the map shows, in words.
    """
    st.markdown(says)
    try:
        points = map_source.test_points(name, model_id, model)
        st.markdown(map_source.share_said(name, model_id, model))
    except DataError as error:
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
