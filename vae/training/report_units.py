"""The loss of the lab report that this project started as, in the report's own units.

The report prints 100·recon + 10·kl + 10·cls: a mean over the pixels, a mean over the dimensions of
z, and the cross-entropy, of each batch. It has neither ½: recon is the squared error over
decoder_std², kl is -(1 + log σ² − μ² − σ²).

The terms of `vae.model.losses` are sums in nats. The loss is the same, times `SCALE`, if the KL
divergence has the weight 7.84 (for ten dimensions) and the cross-entropy 39.2.
"""

from collections.abc import Mapping
from math import isclose

from vae.data.mnist import PIXELS
from vae.params import Params

_RECON, _KL, _CLS = 100.0, 10.0, 10.0
"""The weights of the report's terms."""

SCALE = PIXELS / (2 * _RECON)
"""The loss in nats over that of the report: 3.92."""


def has_loss(params: Params) -> bool:
    """Whether a model is trained on the report's loss."""
    return (
        params.likelihood == "gaussian"
        and not params.consistent
        and isclose(params.kl_weight, 2 * _KL / params.z_dim * SCALE)
        and isclose(params.digit_classification_weight, _CLS * SCALE)
    )


def converted(terms: Mapping[str, float], params: Params) -> dict[str, float]:
    """The loss and its terms in the report's units.

    Args:
        terms: `recon`, `kl` and `cls`, nats.
        params: of the model.

    Returns:
        `loss`, `recon`, `kl` and `cls`.
    """
    recon, kl, cls = 2 * terms["recon"] / PIXELS, 2 * terms["kl"] / params.z_dim, terms["cls"]
    return {"loss": _RECON * recon + _KL * kl + _CLS * cls, "recon": recon, "kl": kl, "cls": cls}
