"""Step 5: the loss, its two parts, and how far the ELBO is below log p(x | y)."""

import numpy as np
import streamlit as st

from ui.how.image import mount
from ui.how.step import Step
from ui.live import component
from ui.live.model import loader
from ui.subject import Subject
from vae.model.bounds import given, importance_bound, log_weights, same_eps
from vae.model.gradient import loss_terms
from vae.model.numpy_model import TrainedVAE

_live = component("how/loss/loss")
_SAMPLES = 256
_KS = (1, 4, 16, 64)


def _show(subject: Subject, model: TrainedVAE, model_id: str) -> None:
    if loader.works():
        mount(_live, STEP.key, subject, model_id)
        return
    digit = subject.label
    if digit is None:
        digit = int(model.classify(subject.x[None]).argmax())
    eps = same_eps(_SAMPLES, model.params.z_dim)
    terms = loss_terms(model, subject.x, digit, eps)
    st.table({name: f"{value:.2f} nats" for name, value in terms._asdict().items()})
    weights = log_weights(model, subject.x, given(model, subject.x[None], [digit]), eps)
    bounds = {f"L with K = {k}": f"{importance_bound(weights, k):.2f} nats" for k in _KS}
    st.table(bounds)
    spread = float(np.std(weights))
    st.caption(f"The log weights of {_SAMPLES} z have a standard deviation of {spread:.1f} nats.")


STEP = Step(
    key="loss",
    name="Loss",
    title="The loss weighs two things against each other",
    question=(
        "The more z holds about the image, the smaller is the reconstruction cost and the larger "
        "the KL divergence. Which of the two is larger for this image? And what happens to the "
        "balance if one is averaged over the pixels and the other over the dimensions?"
    ),
    show=_show,
    formula=r"""
        \begin{gathered}
        \mathrm{loss} = \mathrm{recon} + \beta \cdot \mathrm{KL} + w \cdot \mathrm{cls} \\
        \mathrm{recon} = \mathbb E_{q(z \mid x)}\left[-\log p(x \mid z, y)\right] \\
        \mathrm{KL} = -\tfrac12 \sum_i \left(1 + \log\sigma_i^2 - \mu_i^2 - \sigma_i^2\right) \\
        L_K = \mathbb E\left[\log \tfrac1K \sum_{k=1}^{K}
        \frac{p(x, z_k \mid y)}{q(z_k \mid x)}\right] \\
        \mathrm{ELBO} = L_1 \le L_K \le \log p(x \mid y)
        \end{gathered}""",
    code=(
        "vae/model/keras_model.py:VAE.loss_terms vae/model/losses.py:kl_divergence "
        "vae/model/bounds.py:importance_bound"
    ),
    seen=(
        "With β = 1 the loss without the classifier's part is the negative ELBO. Sums and means "
        "differ by the factor 784/d: if both parts are averaged, the effective β is 784/d times "
        "as large. The true log-likelihood lies above the ELBO, and with more z for one image "
        "the bound comes nearer to it."
    ),
)
