"""Step 8: β, as nine models show it that were trained with different ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from ui.components import component
from ui.components.numbers import encoded, encoded_grays
from ui.components.subject import Subject
from ui.how.step import Step
from ui.shared import address
from vae.analysis.bounds import digit_inputs, kl_per_dimension, log_likelihood, same_eps
from vae.data.mnist import CLASSES, Examples, Floats, first_test_examples, one_hot
from vae.files import betas
from vae.files.weights import load
from vae.model.numpy_model import TrainedVAE

_live = component("how/beta/beta")
_PARAMETER = "how_beta"
"""Of the address; beta.js adds it to copied links."""

_SEED = 5
_AGGREGATED = 250
"""Test images of which z are shown beside the prior."""

_OTHERS = (3, 5, 11, 62, 77)
"""The test digits whose z the image gets in the place of its own; not if it is one of them."""


def _show(subject: Subject, model: TrainedVAE, _: str) -> None:
    models = betas.load_all(_load)
    if missing := [f"{beta:g}" for beta in betas.BETAS if beta not in models]:
        st.warning(
            f"Of these β the model is missing or damaged: {', '.join(missing)}.",
            icon=":material/error:",
        )
    if not models:
        return
    digit = subject.label
    if digit is None:
        digit = int(model.classify(subject.x[None]).argmax())
    st.caption(
        "Nine small models of their own, with a Gaussian likelihood: alike but for β. "
        "The model chosen above is not one of them."
    )
    figures = [_figures(trained, subject.x, digit) for trained in models.values()]
    told = betas.information()
    data = {
        "start": _start(models, model),
        "x": encoded(subject.x),
        "title": subject.title,
        "digit": digit,
        "known": subject.label is not None,
        "betas": [
            {"beta": beta, "information": told.get(beta), **row}
            for beta, row in zip(models, figures, strict=True)
        ],
    }
    _live(data=data, key="how_beta", height="content")


def _start(models: Mapping[float, TrainedVAE], shown: TrainedVAE) -> float:
    """The β to begin with: that of a copied link, if there is a model of it, or `_first`."""
    wanted: float = address.value(_PARAMETER, shown)
    return wanted if wanted in models else _first(models)


def _first(models: Mapping[float, TrainedVAE]) -> float:
    """1, the ELBO; or the nearest to it of which there is a model."""
    return min(models, key=lambda beta: abs(beta - 1))


@st.cache_resource(show_spinner=False, max_entries=len(betas.BETAS))
def _load(path: Path) -> TrainedVAE:
    return load(path)


def _figures(model: TrainedVAE, x: Floats, digit: int) -> dict[str, Any]:
    """What one of the models makes of an image, and its figures on the test set."""
    digits = digit_inputs(model, x[None], [digit])
    mu, log_var = model.encode(x[None], digits.encoder)
    logits = model.decode_logits(mu, digits.decoder)
    others = first_test_examples()
    rows = [row for row in _OTHERS if not np.array_equal(others.x[row], x)]
    z, _ = model.encode(others.x[rows], one_hot(others.y[rows]))
    shuffled = model.decode(z, np.repeat(digits.decoder, len(z), 0))
    dimensions, z_of_others = _aggregate(model, others.part(slice(_AGGREGATED)))
    eps = same_eps(CLASSES, model.params.z_dim, _SEED)
    samples = model.decode(eps, one_hot(np.arange(CLASSES)))
    return {
        "kl": kl_per_dimension(mu, log_var)[0].tolist(),
        "recon": -float(log_likelihood(model.params, x, logits[0])),
        "redrawn": encoded_grays(model.decode(mu, digits.decoder)),
        "shuffled": encoded_grays(shuffled),
        "samples": encoded_grays(samples),
        "dimensions": dimensions,
        "aggregate": encoded(z_of_others),
        "test_recon": model.metrics["recon"],
        "test_kl": model.metrics["kl"],
        "active": model.metrics["active_units"],
    }


def _aggregate(model: TrainedVAE, examples: Examples) -> tuple[list[int], Floats]:
    """The two dimensions with the largest mean KL divergence, and in them a z from q(z | x) of each
    example, (n, 2).
    """
    mu, log_var = model.encode(examples.x, one_hot(examples.y))
    largest = np.sort(np.argsort(-kl_per_dimension(mu, log_var).mean(0))[:2])
    z = model.reparameterize(mu, log_var, np.random.default_rng(_SEED))
    return largest.tolist(), z[:, largest]


STEP = Step(
    key="beta",
    name="β",
    title="β, in nine models that were trained with it",
    question=(
        "β is the weight of the KL divergence. What becomes of the reconstruction, and what of "
        "samples from the prior, if β is very small, or 0 as in an autoencoder? And if it is very "
        "large?"
    ),
    show=_show,
    formula=r"""
        \begin{gathered}
        \mathrm{loss} = \mathrm{recon} + \beta \cdot \mathrm{KL} + w \cdot \mathrm{cls} \\
        \text{active}_i:\quad \mathrm{Var}_x\left[\mu_i(x)\right] > 0.01
        \end{gathered}""",
    code="vae/files/betas.py:params vae/analysis/latent.py:active_units",
    seen=(
        "Without the KL divergence, β = 0, nothing keeps the z of the images near the prior: a z "
        "from it is unlike those of any image, so samples are poor. With a small β z carries much "
        "about each image, and reconstructions are sharper than with β = 1. With a large β "
        "dimensions go out of use one after the other, until z carries nothing and the decoder "
        "draws the average of the digit. That is posterior collapse. β chooses a point on one "
        "curve."
    ),
)
