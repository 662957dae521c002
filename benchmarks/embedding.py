"""A neighbour embedding of the test images' μ, as a map of a model's latent space.

    python -m benchmarks.embedding conv fast classic

saves the embedding and μ in weights/maps/NAME.npz (see `vae.analysis.latent_map`) and prints how
well neighbours are kept: the trustworthiness of the embedding, 1 at best (Venna & Kaski 2001), and
of the first two principal components, and how often the five nearest test images have the label of
an image, in the embedding and in the latent space itself.

The embedding is t-SNE (van der Maaten & Hinton 2008) as scikit-learn has it, started from the
principal components.
"""

import argparse

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import NearestNeighbors

from vae.analysis import latent_map
from vae.data.mnist import test_images
from vae.files.registry import available
from vae.files.weights import load

NEIGHBOURS = 5
MEASURED = 2000
"""Images on which the trustworthiness is measured, which takes the square of their number."""


def same_label(points: np.ndarray, y: np.ndarray) -> float:
    """Share of the nearest neighbours of a point that have its label."""
    search = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(points)
    nearest = search.kneighbors(points, return_distance=False)[:, 1:]
    return float((y[nearest] == y[:, None]).mean())


def main() -> None:
    """Embed, save, print a row for each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", help="names of models, or weights files")
    options = parser.parse_args()
    images = test_images()
    print("| model | trustworthiness | of the PCA | same label | in z |\n|---|---|---|---|---|")
    for name in options.models:
        path = available().get(name, name)
        model = load(path)
        mu = latent_map.compute_mu(model, images)
        points = TSNE(init="pca", perplexity=30, random_state=0).fit_transform(mu)
        embedding = latent_map.into_square(points)
        latent_map.save_map(latent_map.map_path(path), model, mu, embedding)
        few = slice(MEASURED)
        plane = PCA(2).fit_transform(mu)
        kept, linear = (
            trustworthiness(mu[few], places[few].astype(float), n_neighbors=NEIGHBOURS)
            for places in (embedding, plane)
        )
        same, before = same_label(embedding.astype(float), images.y), same_label(mu, images.y)
        print(f"| {name} | {kept:.3f} | {linear:.3f} | {same:.3f} | {before:.3f} |", flush=True)


if __name__ == "__main__":
    main()
