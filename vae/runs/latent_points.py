"""Where test images lie in the latent space while a model learns: two coordinates of each μ."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae.analysis.projection import principal_components
from vae.data.mnist import Examples, Floats
from vae.errors import RunError
from vae.model.numpy_model import TrainedVAE

COUNT = 2000
"""The first test images, of which there are points. Encoding them takes 1 to 3 % of an epoch."""

_LARGEST = 32767
_COMPARABLE = 0.5
"""Principal components with this share of the largest variance count as equally important."""


class LatentPoints(NamedTuple):
    """Points of the first test images.

    Attributes:
        points: (n, 2) int16.
        scale: `points * scale` are the coordinates, in the units of z.
        share: how much of the variance of μ they show, 0 to 1.
    """

    points: NDArray[np.int16]
    scale: float
    share: float

    @property
    def coordinates(self) -> Floats:
        """(n, 2), in the units of z."""
        return self.points * np.float32(self.scale)


def compute(model: TrainedVAE, test: Examples, before: LatentPoints | None = None) -> LatentPoints:
    """The points of these images.

    An encoder that sees the label gets the classifier's probabilities, as on the map of Explore.

    Args:
        model: encodes them.
        test: the images, at most `COUNT` of which are used.
        before: the points of an earlier moment, near which these are to lie; ignored if they are
            of another number of images.

    Raises:
        RunError: if the encoder gives numbers that are not usable.
    """
    with np.errstate(all="ignore"):
        mu, _ = model.encode(test.x[:COUNT])
    if not np.isfinite(mu).all():
        raise RunError("The map has no points: μ is not a finite number.")
    if before is not None and len(before.points) != len(mu):
        before = None
    coordinates, share = project(mu, before.coordinates if before else None)
    scale = float(np.abs(coordinates).max()) / _LARGEST or 1.0
    return LatentPoints(np.round(coordinates / scale).astype(np.int16), scale, share)


def project(mu: Floats, before: Floats | None = None) -> tuple[Floats, float]:
    """μ in a plane: (n, z_dim) → (n, 2), and the share of its variance that this shows, 0 to 1.

    Two dimensions are the plane itself; of one, the other coordinate is 0. Of more, it is the
    plane of the first two principal components. In a VAE several components often have nearly
    the same variance, and which two are the first changes from epoch to epoch. So with the
    points `before` the plane is, among the components of at least half the largest variance,
    the one that fits these best: the orthogonal Procrustes problem (Schönemann, A generalized
    solution of the orthogonal Procrustes problem, 1966).
    """
    dimensions = mu.shape[1]
    if dimensions == 1:
        return np.pad(mu, ((0, 0), (0, 1))), 1.0
    if dimensions == 2:
        return mu, 1.0
    mean, components, variances = principal_components(mu)
    if before is None:
        axes = components[:2]
    else:
        comparable = max(2, int((variances >= _COMPARABLE * variances[0]).sum()))
        axes = components[:comparable]
        left, _, right = np.linalg.svd(axes @ (mu - mean).T @ before, full_matrices=False)
        axes = (left @ right).T @ axes
    total = float(variances.sum())
    shown = float(((axes @ components.T) ** 2 @ variances).sum())
    share = min(shown / total, 1.0) if total else 1.0
    return (mu @ axes.T).astype(np.float32), share
