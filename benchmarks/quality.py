"""The quality of the digits that models generate, measured by a second classifier, the judge.

    python -m benchmarks.quality classic report fast conv plane unlabelled [--own] [--write]

prints a table with a row for each model (a name or a weights file), and one above them for
training images in the place of generated digits:
    accuracy        of the model's classifier on the test set
    SSE             squared error of a test image reconstructed from z = mu, sum over the pixels
    fidelity        how often the judge recognizes the digit that was to be generated from
                    z ~ N(0, I), of 1,000 each; in brackets the worst digit
    by pixels       the same, with the digit of the nearest training image for the judge's
    swap            how often the judge recognizes the nine other digits, generated from the z of
                    a test image
    Fréchet         distance of the judge's 128 features between the 10,000 generated digits and
                    the test images (Heusel et al. 2017, with the judge for the Inception network)
    diversity       mean distance in those features of two generated images of the same digit,
                    divided by that of test images
    recall          share of the test images that are as near to a generated image as its third
                    nearest generated neighbour is, or nearer (Kynkäänniemi et al. 2019)

A model without labels cannot be asked for a digit; it has no fidelity, by pixels, swap and
diversity.

With --own there is a second row for each model, for z drawn from each digit's own Gaussian in the
place of the prior. With --write the first row is saved in the model's file, under `quality` in its
metrics.
"""

import argparse
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks import judge
from vae.analysis.latent import digits_own
from vae.data.mnist import CLASSES, Data, Examples, load_mnist, one_hot
from vae.files.registry import available
from vae.files.weights import load, read_run_id, save
from vae.model.numpy_model import DigitGaussians, TrainedVAE
from vae.training.quiet import quiet

with quiet():
    import tensorflow as tf

    from vae.model.keras_model import VAE

EACH = 1000
"""Generated images of each digit."""

NEIGHBOURS = 3
ROWS = 1000
"""Images that are computed at a time."""


def in_parts(function: Any, *tensors: np.ndarray) -> np.ndarray:
    """`function` of the tensors, `ROWS` rows at a time."""
    parts = range(0, len(tensors[0]), ROWS)
    return np.concatenate([function(*(a[i : i + ROWS] for a in tensors)) for i in parts])


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Fréchet distance of Gaussians fitted to two sets of features (n, d): Dowson & Landau 1982."""
    mean = a.mean(0) - b.mean(0)
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    values, vectors = np.linalg.eigh(cov_a)
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ cov_b @ root).clip(0)).sum()
    return float(mean @ mean + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances of all pairs of rows: (n, d), (m, d) → (n, m)."""
    return (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T


def nearest_digit(images: np.ndarray, examples: Examples) -> np.ndarray:
    """The digit of the example nearest to each image: (n, 784) → (n,)."""
    return in_parts(lambda x: examples.y[squared_distances(x, examples.x).argmin(1)], images)


def recall(real: np.ndarray, generated: np.ndarray) -> float:
    """Share of the real features that are nearer to a generated one than its third neighbour."""
    reach = in_parts(
        lambda x: np.partition(squared_distances(x, generated), NEIGHBOURS, 1)[:, NEIGHBOURS],
        generated,
    )
    return float(in_parts(lambda x: (squared_distances(x, generated) <= reach).any(1), real).mean())


def spread(features: np.ndarray, digits: np.ndarray) -> float:
    """Mean distance of two rows with the same digit, averaged over the digits."""
    means = []
    for digit in range(CLASSES):
        own = features[digits == digit][:EACH]
        distances = np.sqrt(squared_distances(own, own).clip(0))
        means.append(distances.sum() / (len(own) * (len(own) - 1)))
    return float(np.mean(means))


def against_real(
    images: np.ndarray, labels: np.ndarray, network: Any, data: Data
) -> dict[str, float]:
    """Those figures of a row that need nothing but images (n, 784): `EACH` of each label, (n,)."""
    digits, features = judge.predict(network, images)
    real = judge.predict(network, data.test.x)[1]
    fidelity = (digits == labels).reshape(CLASSES, EACH).mean(1)
    return {
        "frechet": frechet(features, real),
        "recall": recall(real, features),
        "fidelity": float(fidelity.mean()),
        "worst_fidelity": float(fidelity.min()),
        "worst_digit": int(fidelity.argmin()),
        "diversity": spread(features, labels) / spread(real, data.test.y),
    }


def real_digits(network: Any, data: Data) -> dict[str, float]:
    """The row of training images in the place of generated ones: the best there can be."""
    x, y = data.train
    first = [np.flatnonzero(y == digit)[:EACH] for digit in range(CLASSES)]
    return against_real(
        x[np.concatenate(first)], np.repeat(np.arange(CLASSES), EACH), network, data
    )


def quality(
    model: TrainedVAE,
    network: Any,
    data: Data,
    own: DigitGaussians | None = None,
) -> dict[str, float]:
    """The row of a model in the table, by its names in the metrics.

    Args:
        model: what is measured.
        network: the judge.
        data: its test set is compared with what the model generates.
        own: the Gaussians from which z is drawn; None for the prior.
    """
    x, y = data.test
    in_keras = VAE.from_trained(model)  # On many images faster than NumPy.
    decode = tf.function(in_keras.decode)
    labels = np.repeat(np.arange(CLASSES), EACH)
    z = np.random.default_rng(0).standard_normal((len(labels), model.params.z_dim), np.float32)
    if own:
        parts = z.reshape(CLASSES, EACH, -1)
        z = np.concatenate([digits_own(own, [i], part)[0] for i, part in enumerate(parts)])
    generated = in_parts(decode, z, one_hot(labels))
    compared = against_real(generated, labels, network, data)

    prob = in_parts(lambda x: tf.nn.softmax(in_keras.classify(x)), x)
    mu = in_parts(lambda x, p: in_keras.encode(x, p)[0], x, prob)
    reconstructed = in_parts(decode, mu, prob)
    row = {
        "accuracy": float((prob.argmax(1) == y).mean()),
        "sse_mean": float(((x - reconstructed) ** 2).sum(1).mean()),
    }
    if not model.labelled:
        return row | {name: compared[name] for name in ("frechet", "recall")}
    swapped = []
    for step in range(1, CLASSES):
        other = (y + step) % CLASSES
        images = in_parts(decode, mu, one_hot(other))
        swapped.append((judge.predict(network, images)[0] == other).mean())
    return {
        **row,
        **compared,
        "fidelity_by_pixels": float((nearest_digit(generated, data.train) == labels).mean()),
        "swap": float(np.mean(swapped)),
    }


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", help="weights files, or names of models")
    parser.add_argument("--own", action="store_true", help="measure each digit's own z, too")
    parser.add_argument("--write", action="store_true", help="save the row in the file")
    options = parser.parse_args()
    data, network = load_mnist(), judge.load()
    print("| model | accuracy | SSE | fidelity | by pixels | swap | Fréchet | diversity | recall |")
    print("|---|---|---|---|---|---|---|---|---|")
    show("training images", real_digits(network, data))
    for name in options.models:
        path = available().get(name, name)
        model = load(path)
        row = quality(model, network, data)
        show(name, row)
        if options.own and model.labelled and model.digit_gaussians:
            own = quality(model, network, data, model.digit_gaussians)
            show(f"{name}, digit's own", own)
        if options.write:
            metrics = {**model.metrics, "quality": row}
            save(path, replace(model, metrics=metrics), read_run_id(path))


def show(title: str, row: dict[str, float]) -> None:
    """Print a row of the table; a figure that there is not is a dash."""

    def text(name: str, form: str) -> str:
        return format(row[name], form) if name in row else "–"

    worst = f" ({row['worst_digit']}: {row['worst_fidelity']:.3f})" if "worst_digit" in row else ""
    cells = [
        title,
        text("accuracy", ".4f"),
        text("sse_mean", ".2f"),
        text("fidelity", ".4f") + worst,
        text("fidelity_by_pixels", ".4f"),
        text("swap", ".4f"),
        text("frechet", ".2f"),
        text("diversity", ".3f"),
        text("recall", ".3f"),
    ]
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
