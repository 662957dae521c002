"""Step 4: the decoder turns z into an image, which is blurred."""

from ui.how.image import live
from ui.how.step import Step

STEP = Step(
    key="decode",
    name="Decode",
    title="The decoder draws x̂, and it is blurry",
    question=(
        "z does not say whether a stroke ends here or one pixel further. Which gray value of "
        "that pixel costs the decoder least on average: black, white or between?"
    ),
    show=live("decode"),
    formula=r"""
        \begin{gathered}
        \hat x = \mathrm{sigmoid}(\mathrm{decoder}(z,\ y)) \\
        \text{cost of a pixel, Gaussian:} \\
        \frac{(x_p - \hat x_p)^2}{2\,\sigma_x^2} \\
        \text{or Bernoulli:} \\
        -x_p \log \hat x_p - (1 - x_p) \log (1 - \hat x_p)
        \end{gathered}""",
    code=(
        "vae/model/numpy_model.py:TrainedVAE.decode "
        "vae/model/losses.py:gaussian_nll vae/model/losses.py:bernoulli_nll"
    ),
    seen=(
        "Each pixel costs the decoder least if it is the mean of all values that fit this z. "
        "The mean of many sharp digits is a blurry one. x̂ is such a mean; a sample of p(x | z) "
        "has noise besides, of the decoder's σ in each pixel, or is black and white."
    ),
)
