"""The model card: what a model is, what it is worth and how it came to be."""

from typing import Any

import numpy as np
import streamlit as st

from ui import charts, curves, pictures
from ui.labels import plain
from vae.images import grid
from vae.model.latent import decode_grid
from vae.model.numpy_model import TrainedVAE
from vae.params import Params

SAMPLES = 6
FIGURES = {
    "accuracy": ("Test images read right", "{:.2%}"),
    "calibration_error": ("Calibration error of its confidence", "{:.2%}"),
    "recon": ("Reconstruction, nats", "{:.2f}"),
    "kl": ("KL divergence, nats", "{:.2f}"),
    "sse_mean": ("Squared error of a redrawn image", "{:.2f}"),
    "active_units": ("Latent dimensions in use", "{}"),
}
QUALITY = {
    "fidelity": ("Drawn digits a judge reads as asked", "{:.2%}"),
    "worst_fidelity": ("… of the worst digit", "{:.2%}"),
    "swap": ("Another digit in the same hand, read as asked", "{:.2%}"),
    "frechet": ("Fréchet distance to real digits", "{:.1f}"),
    "diversity": ("Diversity, real digits being 1", "{:.2f}"),
    "recall": ("Real digits within reach", "{:.1%}"),
}


def show(name: str, model: TrainedVAE) -> None:
    """The card of a model, where it is called."""
    st.markdown(f"#### {name}")
    metrics = model.metrics
    if metrics:
        _table("On the test set", _rows(FIGURES, metrics))
    else:
        st.caption("It has not been measured yet.")
    if "quality" in metrics:
        _table("By another network", _rows(QUALITY, metrics["quality"]))
    st.caption("Digits from random z")
    z = np.random.default_rng(0).standard_normal((SAMPLES, model.params.z_dim), np.float32)
    samples = decode_grid(model, range(10), z).transpose(1, 0, 2)
    pictures.show(grid(samples, gap=2), "Digits that the model draws")
    if model.history:
        curve = curves.learning_curve(
            "Loss",
            [(epoch["epoch"], epoch["loss"]) for epoch in model.history],
            [(epoch["epoch"], epoch["val_loss"]) for epoch in model.history],
            len(model.history),
        )
        charts.show(curve, key="card_curve", alt="Loss over the epochs")
    if "confusion" in metrics:
        charts.confusion(metrics["confusion"], key="card_confusion")
    default = Params().model_dump()
    _table(
        "Parameter, bold if not the report's",
        [
            (f"**{key}**" if value != default[key] else key, plain(value))
            for key, value in model.params.model_dump().items()
        ],
    )


def _rows(kinds: dict[str, tuple[str, str]], figures: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (label, text.format(figures[key])) for key, (label, text) in kinds.items() if key in figures
    ]


def _table(title: str, rows: list[tuple[str, str]]) -> None:
    lines = [f"| {label} | {text} |" for label, text in rows]
    st.markdown("\n".join([f"| {title} | |", "|:--|--:|", *lines]))
