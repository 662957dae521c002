"""Step 5: the loss, its two parts, and how far the ELBO is below log p(x | y)."""

from ui.how.image import live
from ui.how.step import Step

STEP = Step(
    key="loss",
    name="Loss",
    title="The loss weighs two things against each other",
    question=(
        "The more z holds about the image, the smaller is the reconstruction cost and the larger "
        "the KL divergence. Which of the two is larger for this image? And what happens to the "
        "balance if one is averaged over the pixels and the other over the dimensions?"
    ),
    show=live("loss"),
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
        "vae/analysis/bounds.py:importance_bound"
    ),
    seen=(
        "With β = 1 the loss without the classifier's part is the negative ELBO. Sums and means "
        "differ by the factor 784/d: if both parts are averaged, the effective β is 784/d times "
        "as large. The true log-likelihood lies above the ELBO, and with more z for one image "
        "the bound comes nearer to it."
    ),
)
