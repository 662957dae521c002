"""Step 2: z is sampled, with the random part apart from μ and σ."""

from ui.components import component
from ui.components.subject import Subject
from ui.how.image import mount
from ui.how.step import Step
from ui.shared import address
from vae.model.numpy_model import TrainedVAE

_live = component("how/sample/sample")
_PARAMETER = "how_dimension"
"""Of the address, the dimension chosen; sample.js adds it to copied links."""


def _show(subject: Subject, model: TrainedVAE, model_id: str) -> None:
    mount(_live, STEP.key, subject, model_id, start=address.value(_PARAMETER, model))


STEP = Step(
    key="sample",
    name="Sample",
    title="z is drawn at random: z = μ + σ · ε",
    question=(
        "z is random. How can training find out whether μ and σ should be larger or smaller, "
        "if a random draw lies between them and the loss?"
    ),
    show=_show,
    formula=r"""
        \begin{gathered}
        \varepsilon \sim \mathcal N(0, I) \qquad z = \mu + \sigma \odot \varepsilon \\
        \frac{\partial z_i}{\partial \mu_i} = 1 \qquad
        \frac{\partial z_i}{\partial \sigma_i} = \varepsilon_i
        \end{gathered}""",
    code="vae/model/numpy_model.py:TrainedVAE.reparameterize",
    seen=(
        "With ε drawn apart, z changes smoothly with μ and σ, so the gradient of the loss "
        "reaches both (the reparameterization trick). Each z drawn for this image is decoded "
        "to a slightly different one."
    ),
)
