"""What the digits of a model are worth, by a judge that has never seen a model.

    python -m benchmarks.quality classic fast conv [--write]

prints a table with a row for each model (a name or a weights file):
    accuracy        of the classifier on the test set
    SSE             squared error of a test image redrawn from z = mu
    fidelity        how often the judge reads a digit drawn from z ~ N(0, I) as the one asked
                    for, of 1,000 each; in brackets the worst digit
    by pixels       the same, by the digit of the nearest training image
    swap            how often the z of a test image, drawn as the nine other digits, is read so
    Fréchet         distance of the judge's 128 features, the 10,000 drawn digits against the
                    test images (Heusel et al. 2017, with this judge for the Inception network)
    diversity       mean distance of two drawn digits of a kind in those features, as a share
                    of that of test images
    recall          share of the test images within reach of the drawn ones: not farther from
                    some than its third nearest is (Kynkäänniemi et al. 2019)

With --write each file keeps its row, under `quality` in its metrics.
"""

import argparse
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks import judge
from vae.data.mnist import CLASSES, Data, Examples, load_mnist, one_hot
from vae.model.numpy_model import TrainedVAE
from vae.model.weights import available, load, save
from vae.training.quiet import quiet

with quiet():
    import tensorflow as tf

    from vae.model.keras_model import VAE

EACH = 1000
NEIGHBOURS = 3
ROWS = 1000


def in_parts(function: Any, *tensors: np.ndarray) -> np.ndarray:
    """`function` of the tensors, some rows at a time."""
    parts = range(0, len(tensors[0]), ROWS)
    return np.concatenate([function(*(a[i : i + ROWS] for a in tensors)) for i in parts])


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Distance of two Gaussians fitted to features (n, d): Dowson & Landau 1982."""
    mean = a.mean(0) - b.mean(0)
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    values, vectors = np.linalg.eigh(cov_a)
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ cov_b @ root).clip(0)).sum()
    return float(mean @ mean + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n, d), (m, d) → (n, m)."""
    return (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T


def nearest_digit(images: np.ndarray, examples: Examples) -> np.ndarray:
    """The digit of the nearest example of each image."""
    return in_parts(lambda x: examples.y[squared_distances(x, examples.x).argmin(1)], images)


def recall(real: np.ndarray, drawn: np.ndarray) -> float:
    """Share of the real features within the reach of a drawn one."""
    reach = in_parts(
        lambda x: np.partition(squared_distances(x, drawn), NEIGHBOURS, 1)[:, NEIGHBOURS], drawn
    )
    return float(in_parts(lambda x: (squared_distances(x, drawn) <= reach).any(1), real).mean())


def spread(features: np.ndarray, digits: np.ndarray) -> float:
    """Mean distance of two of a kind, over the digits."""
    means = []
    for digit in range(CLASSES):
        own = features[digits == digit][:EACH]
        distances = np.sqrt(squared_distances(own, own).clip(0))
        means.append(distances.sum() / (len(own) * (len(own) - 1)))
    return float(np.mean(means))


def quality(model: TrainedVAE, referee: Any, data: Data, contrast: float = 1.0) -> dict[str, float]:
    """The row of a model."""
    x, y = data.test
    twin = VAE.from_trained(model)
    gain = tf.constant(contrast)
    decode = tf.function(lambda z, p: tf.sigmoid(gain * twin.decode_logits(z, p)))
    labels = np.repeat(np.arange(CLASSES), EACH)
    z = np.random.default_rng(0).standard_normal((len(labels), model.params.z_dim), np.float32)
    drawn = in_parts(decode, z, one_hot(labels))
    read, features = judge.read(referee, drawn)
    right = (read == labels).reshape(CLASSES, EACH).mean(1)
    real = judge.read(referee, x)[1]

    prob = in_parts(lambda x: tf.nn.softmax(twin.classify(x)), x)
    mu = in_parts(lambda x, p: twin.encode(x, p)[0], x, prob)
    redrawn = in_parts(decode, mu, prob)
    swapped = []
    for step in range(1, CLASSES):
        other = (y + step) % CLASSES
        images = in_parts(decode, mu, one_hot(other))
        swapped.append((judge.read(referee, images)[0] == other).mean())
    return {
        "accuracy": float((prob.argmax(1) == y).mean()),
        "sse_mean": float(((x - redrawn) ** 2).sum(1).mean()),
        "fidelity": float(right.mean()),
        "worst_fidelity": float(right.min()),
        "worst_digit": int(right.argmin()),
        "fidelity_by_pixels": float((nearest_digit(drawn, data.train) == labels).mean()),
        "swap": float(np.mean(swapped)),
        "frechet": frechet(features, real),
        "diversity": spread(features, labels) / spread(real, y),
        "recall": recall(real, features),
    }


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", help="weights files, or names of models")
    parser.add_argument("--write", action="store_true", help="keep the row in the file")
    parser.add_argument("--contrast", type=float, default=1.0, help="the gain of the logits")
    options = parser.parse_args()
    data, referee = load_mnist(), judge.load()
    print("| model | accuracy | SSE | fidelity | by pixels | swap | Fréchet | diversity | recall |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in options.models:
        model = load(name)
        row = quality(model, referee, data, options.contrast)
        print(
            f"| {name} | {row['accuracy']:.4f} | {row['sse_mean']:.2f} "
            f"| {row['fidelity']:.4f} ({row['worst_digit']}: {row['worst_fidelity']:.3f}) "
            f"| {row['fidelity_by_pixels']:.4f} | {row['swap']:.4f} | {row['frechet']:.2f} "
            f"| {row['diversity']:.3f} | {row['recall']:.3f} |",
            flush=True,
        )
        if options.write:
            metrics = {**model.metrics, "quality": row}
            save(available().get(name, name), replace(model, metrics=metrics))


if __name__ == "__main__":
    main()
