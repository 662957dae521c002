"""The model card: what a model is, how good it is and how it was trained."""

import numpy as np
import streamlit as st

from ui.components import charts, curves, pictures
from ui.shared import labels
from vae.analysis.latent import decode_grid, samples_of_digits
from vae.data.mnist import CLASSES
from vae.images import grid
from vae.model.numpy_model import TrainedVAE
from vae.params import Params

_SAMPLES = 6


def show(name: str, model: TrainedVAE) -> None:
    """The card of a model, where it is called."""
    st.markdown(f"#### {name}")
    if not model.labelled:
        st.caption(
            "A plain VAE: its decoder gets z and no digit. It cannot be asked for a digit, so how "
            "often it draws the one asked for is not measured."
        )
    metrics = model.metrics
    if metrics:
        _table("On the test set", labels.rows(labels.ON_TEST_SET, metrics))
    else:
        st.caption("This model has not been measured yet.")
    if "quality" in metrics:
        _table("Measured by a second network", labels.rows(labels.QUALITY, metrics["quality"]))
    st.caption("Digits from random z")
    z = samples_of_digits(model, CLASSES, np.zeros(model.params.z_dim), _SAMPLES, 1.0, seed=0)
    samples = decode_grid(model, range(CLASSES), z).transpose(1, 0, 2)
    pictures.show(grid(samples, gap=2), "Digits that the model generates")
    if model.history:
        curve = curves.learning_curve(
            "loss",
            [(epoch["epoch"], epoch["loss"]) for epoch in model.history],
            [(epoch["epoch"], epoch["val_loss"]) for epoch in model.history],
            len(model.history),
        )
        charts.show(curve, key="card_curve", alt="Loss over the epochs")
    if "confusion" in metrics:
        charts.confusion(metrics["confusion"], "the test set")
    default = Params().model_dump()
    _table(
        "Parameters (bold = not the default)",
        [
            (
                f"**{labels.parameter(key)}**" if value != default[key] else labels.parameter(key),
                labels.plain(value),
            )
            for key, value in model.params.model_dump().items()
        ],
    )


def _table(title: str, rows: list[tuple[str, str]]) -> None:
    lines = [f"| {label} | {text} |" for label, text in rows]
    st.markdown("\n".join([f"| {title} | |", "|:--|--:|", *lines]))
