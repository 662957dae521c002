"""Where the images of MNIST lie in a model's latent space: their μ, and a map of it in a plane.

The μ of the test images and a neighbour embedding of them, which takes minutes to compute, are
stored for the included models in weights/maps/NAME.npz (`python -m benchmarks.embedding`). For
other models μ is computed, and there is no embedding.
"""

import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae.data.mnist import TEST_SIZE, Floats, Images, test_images
from vae.errors import WeightsError
from vae.model.numpy_model import TrainedVAE, batches

FOLDER = "maps"
"""The folder of the maps, next to the weights files."""

EMBEDDING_SIDE = 65_535
"""Length of the square that holds an embedding."""

_LARGEST = float(np.finfo(np.float16).max)


class MapData(NamedTuple):
    """Images in the latent space, in the order of MNIST.

    Attributes:
        mu: (n, z_dim) float32, the mean of q(z | x), as from `compute_mu`. An encoder that sees the
            label gets the classifier's probabilities, as for a drawing.
        y: (n,) uint8, the label of each image, 0 to 9.
        embedding: (n, 2) uint16, places in a square of `EMBEDDING_SIDE` so that images with
            near μ are near each other; None if there is none.
    """

    mu: Floats
    y: NDArray[np.uint8]
    embedding: NDArray[np.uint16] | None


def test_map(path: Path, model: TrainedVAE) -> MapData:
    """The 10,000 test images, with an embedding if one is stored for these weights.

    Without a stored file their μ is computed, on two cores in 0.2 s (`classic`) to 7 s (`conv`).

    Args:
        path: of the model's file.
        model: the model itself.

    Raises:
        DataError: if MNIST cannot be read.
        WeightsError: as `compute_mu`.
    """
    images = test_images()
    mu, embedding = _stored(path, model) or (compute_mu(model, images), None)
    return MapData(mu, images.y, embedding)


def has_embedding(path: Path, model: TrainedVAE) -> bool:
    """Whether an embedding is stored for these weights of the model in the file `path`."""
    return _stored(path, model) is not None


def compute_mu(model: TrainedVAE, images: Images) -> Floats:
    """The μ of each image: → (n, z_dim).

    A map is stored and sent as float16, so numbers beyond its range are cut off there.

    Raises:
        WeightsError: if the model gives numbers that are not finite.
    """
    with np.errstate(all="ignore"):
        parts = [model.encode(images.examples(rows).x)[0] for rows in batches(len(images.x))]
    mu = np.concatenate(parts)
    if not np.isfinite(mu).all():
        raise WeightsError(
            "There is no map of this model: for some images μ is not a finite number."
        )
    return mu.clip(-_LARGEST, _LARGEST)


def map_path(weights: Path) -> Path:
    """The file of the map that belongs to a weights file."""
    return weights.parent / FOLDER / f"{weights.stem}.npz"


def into_square(points: ArrayLike) -> NDArray[np.uint16]:
    """Points in a plane, moved and scaled into the square of an embedding: (n, 2) → (n, 2).

    Both axes are scaled alike; the longer side fills the square, the shorter is centred.
    """
    points = np.asarray(points, float)
    low, high = points.min(0), points.max(0)
    side = (high - low).max() or 1.0
    square = ((points - (low + high) / 2) / side + 0.5) * EMBEDDING_SIDE
    return np.rint(square).astype(np.uint16)


def save_map(path: Path, model: TrainedVAE, mu: Floats, embedding: NDArray[np.uint16]) -> None:
    """Write the μ of the test images and their embedding at `path`, for these weights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(
            file, mu=mu.astype(np.float16), embedding=embedding, digest=np.array(model.digest())
        )


def _stored(path: Path, model: TrainedVAE) -> tuple[Floats, NDArray[np.uint16]] | None:
    """The stored μ and embedding; None if there are none, or they are those of other weights."""
    try:
        # NumPy would leave a damaged file open that it opens itself.
        with map_path(path).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            if str(file["digest"]) != model.digest():
                return None
            mu, embedding = file["mu"].astype(np.float32), file["embedding"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    fits = mu.shape == (TEST_SIZE, model.params.z_dim) and embedding.shape == (TEST_SIZE, 2)
    if not fits or embedding.dtype != np.uint16 or not np.isfinite(mu).all():
        return None
    return mu, embedding
