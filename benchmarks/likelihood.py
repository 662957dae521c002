"""The log-likelihood of the test set: how probable a model finds images that it has not seen.

    python -m benchmarks.likelihood classic report fast conv plane unlabelled [--images 1000]

prints a row for each model (a name or a weights file), means over the first test images:
    ELBO            of log p(x | y), or of log p(x) if the decoder gets no digit; nats
    L_1000          the importance-weighted bound of 1,000 z (Burda et al. 2016); nats
    exact           the integral over z, where z has two dimensions; nats
    bits a pixel    -L_1000 / (784 log 2)

Encoder and decoder get the label. A Gaussian's constant is in all figures: they are of a density of
784 numbers from 0 to 1. A Bernoulli has no density of gray pixels: its images are made black and
white first, by whether a pixel is above 1/2.
"""

import argparse
from types import SimpleNamespace
from typing import Any

import numpy as np

from vae.analysis.bounds import DigitInputs, importance_bound, integral, log_weights, same_eps
from vae.data.mnist import CLASSES, PIXELS, load_mnist, one_hot
from vae.files.registry import available
from vae.files.weights import load
from vae.model.numpy_model import TrainedVAE
from vae.params import Params
from vae.training.quiet import quiet

with quiet():
    import tensorflow as tf

    from vae.model.keras_model import VAE

K = 1000


def constant(params: Params) -> float:
    """What `log_likelihood` leaves out, nats."""
    if params.likelihood == "bernoulli":
        return 0.0
    return float(-PIXELS / 2 * np.log(2 * np.pi * params.decoder_std**2))


def row(model: TrainedVAE, images: int) -> dict[str, float]:
    """The figures of a model, by their names in the table."""
    x, y = load_mnist().test.part(slice(images))
    if model.params.likelihood == "bernoulli":
        x = (x > 0.5).astype(np.float32)
    in_keras = VAE.from_trained(model)  # On many z faster than NumPy.
    decode = tf.function(in_keras.decode_logits, reduce_retracing=True)
    quick: Any = SimpleNamespace(
        params=model.params,
        encode=model.encode,
        decode_logits=lambda z, digits: decode(tf.constant(z), tf.constant(digits)).numpy(),
    )
    eps = same_eps(K, model.params.z_dim)
    weights = []
    for image, digit in zip(x, one_hot(y), strict=True):
        digits = DigitInputs(digit[None], digit[None])
        weights.append(log_weights(quick, image, digits, eps) + constant(model.params))
    found = {
        "elbo": float(np.mean(weights)),
        "bound": float(np.mean([importance_bound(of_image, K) for of_image in weights])),
    }
    if model.params.z_dim == 2:
        of_digits = [integral(quick, x[y == d], one_hot(d)) for d in range(CLASSES)]
        found["exact"] = float(np.concatenate(of_digits).mean()) + constant(model.params)
    return found


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", help="weights files, or names of models")
    parser.add_argument("--images", type=int, default=1000, help="of the test set")
    options = parser.parse_args()
    print("| model | ELBO | L_1000 | exact | bits a pixel |\n|---|---|---|---|---|")
    for name in options.models:
        figures = row(load(available().get(name, name)), options.images)
        exact = f"{figures['exact']:.2f}" if "exact" in figures else "–"
        bits = -figures["bound"] / (PIXELS * np.log(2))
        print(
            f"| {name} | {figures['elbo']:.2f} | {figures['bound']:.2f} | {exact} | {bits:.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
