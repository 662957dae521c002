"""Step 2: z is sampled, with the random part apart from μ and σ."""

from ui.how.image import live
from ui.how.step import Step

STEP = Step(
    key="sample",
    name="Sample",
    title="z is drawn at random: z = μ + σ · ε",
    question=(
        "z is random. How can training find out whether μ and σ should be larger or smaller, "
        "if a random draw lies between them and the loss?"
    ),
    show=live("sample", "how_dimension"),
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
