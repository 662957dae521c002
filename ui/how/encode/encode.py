"""Step 1: the encoder turns the image into μ and log σ²."""

from ui.how.image import live
from ui.how.step import Step

STEP = Step(
    key="encode",
    name="Encode",
    title="The encoder turns the image into a Gaussian",
    question=(
        "The last layer of a network gives any number, −5 as well as 5. How can it give a "
        "standard deviation σ, which must be positive?"
    ),
    show=live("encode"),
    formula=r"""
        \begin{gathered}
        (\mu,\ \log\sigma^2) = \mathrm{encoder}(x) \\
        \sigma = \exp\!\left(\tfrac12 \log\sigma^2\right) > 0 \\
        q(z \mid x) = \mathcal N\!\left(z;\ \mu,\ \mathrm{diag}(\sigma^2)\right)
        \end{gathered}""",
    code="vae/model/numpy_model.py:TrainedVAE.encode",
    seen=(
        "For each dimension of z the encoder gives two numbers: μ, where z probably lies, and "
        "log σ², how certain that is. Because the second is a logarithm, every output of the "
        "network is a valid σ."
    ),
)
