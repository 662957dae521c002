"""The models that differ in nothing but β: trains them, and prints what β does.

    python -m benchmarks.betas [--train] [--write]

prints a row for each model of `vae.files.betas`, measured on the test set:
    recon, KL       the terms of the loss, nats, with z sampled; recon is a Gaussian's
    information     what z tells about which image it is of, nats: an estimate from below, at most
                    log 10,000 = 9.2
    mismatch        KL divergence of the z of all images from the prior, nats: the rest of the KL
                    (Hoffman & Johnson, ELBO surgery, 2016)
    in use          latent dimensions that carry information (see vae.analysis.latent.active_units)
    SSE             squared error of a test image reconstructed from z = mu, sum over the pixels
    fidelity        how often the judge recognizes the digit that was to be generated from
                    z ~ N(0, I), of 1,000 each
    Fréchet         distance of the judge's features between these digits and the test images

With --train the models are trained first, one after the other, and saved in weights/beta/. With
--write the information is saved there for the page How it works.
"""

import argparse
import json

import numpy as np

from benchmarks import judge
from benchmarks.quality import EACH, ROWS, frechet, in_parts
from vae.analysis.evaluation import with_metrics
from vae.data.mnist import CLASSES, Data, Examples, load_mnist, one_hot
from vae.files import betas, weights
from vae.model.numpy_model import TrainedVAE
from vae.training.quiet import quiet

with quiet():
    from vae.training.loop import train


def train_all(data: Data) -> None:
    """Train the model of each β and save it in half precision."""
    for beta in betas.BETAS:
        *_, last = train(betas.params(beta), data)
        assert last.trained
        weights.save(betas.path(beta), with_metrics(last.trained, data), half=True)
        print(f"Saved {betas.path(beta)}.", flush=True)


def samples(model: TrainedVAE) -> tuple[np.ndarray, np.ndarray]:
    """Digits decoded from the prior, `EACH` of each: images (n, 784) and digits (n,)."""
    digits = np.repeat(np.arange(CLASSES), EACH)
    z = np.random.default_rng(0).standard_normal((len(digits), model.params.z_dim), np.float32)
    return in_parts(model.decode, z, one_hot(digits)), digits


def information(model: TrainedVAE, examples: Examples) -> float:
    """E[log q(z | x) - log q(z)], q(z) being the mean of q(z | x) over the examples, nats."""
    mu, log_var = (part.astype(float) for part in model.encode(examples.x, one_hot(examples.y)))
    z = mu + np.exp(0.5 * log_var) * np.random.default_rng(0).standard_normal(mu.shape)
    sigma, constants = np.exp(0.5 * log_var), 0.5 * log_var.sum(1)
    gains = []
    for start in range(0, len(z), ROWS):
        # Dimension by dimension: a product of matrices loses the digits of very small sigma.
        log_q = np.tile(-constants, (len(z[start : start + ROWS]), 1))
        for i in range(z.shape[1]):
            log_q -= 0.5 * ((z[start : start + ROWS, i, None] - mu[:, i]) / sigma[:, i]) ** 2
        own = np.diagonal(log_q, offset=start)
        highest = log_q.max(1)
        mean = np.exp(log_q - highest[:, None]).mean(1)
        gains.append(own - highest - np.log(mean))
    return float(np.concatenate(gains).mean())


def main() -> None:
    """Train if asked to, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", action="store_true", help="train and save the models first")
    parser.add_argument("--write", action="store_true", help="save the information for the app")
    options = parser.parse_args()
    data = load_mnist()
    if options.train:
        train_all(data)
    network = judge.load()
    real = judge.predict(network, data.test.x)[1]
    columns = (
        "β",
        "recon",
        "KL",
        "information",
        "mismatch",
        "in use",
        "SSE",
        "fidelity",
        "Fréchet",
    )
    print("|", *(f"{column} |" for column in columns))
    print("|---" * len(columns) + "|")
    table = {}
    for beta, model in betas.load_all().items():
        metrics = model.metrics
        images, digits = samples(model)
        recognized, features = judge.predict(network, images)
        told = table[beta] = information(model, data.test)
        print(
            f"| {beta:g} | {metrics['recon']:.2f} | {metrics['kl']:.2f} "
            f"| {told:.2f} | {metrics['kl'] - told:.2f} "
            f"| {metrics['active_units']} of {model.params.z_dim} | {metrics['sse_mean']:.2f} "
            f"| {(recognized == digits).mean():.4f} | {frechet(features, real):.1f} |",
            flush=True,
        )
    if options.write:
        betas.INFORMATION.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
