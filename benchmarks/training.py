"""How fast the training loop is, as ratios within one run.

    python -m benchmarks.training [--rounds 3] [--presets]

One epoch of the report's parameters (600 steps of 100 images), after a warm-up:
    train       vae.train's compiled loop
    eager       the report's way: a Python loop over tf.data and a GradientTape (60 steps, times 10)
    fit         Keras' fit with nothing but compile()
    pytorch     the same model and optimizer, eager PyTorch, if it is installed
    products    the matrix products of the 600 steps alone: the floor; in NumPy, and in PyTorch

All take turns, round by round, so that a busy machine is busy for each of them. The
table has each one's median time and the median of its ratio to `train` within a round.

With --presets, a step and an epoch of each preset instead, as `vae.train` takes it: compiled by
XLA and compiled without, which is how `vae.model.keras_model.faster_with_xla` was decided.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from vae.data.mnist import load_mnist
from vae.params import Params
from vae.presets import PRESETS
from vae.training.quiet import quiet

with quiet():
    import tensorflow as tf

    from vae.model.keras_model import VAE
    from vae.training.loop import STEPS_PER_CALL, compile_steps, steps_per_call

try:
    import torch
except ImportError:
    torch = None

PARAMS = PRESETS["classic"]
BATCH = PARAMS.batch_size
STEPS = 600
EAGER_STEPS = 60
DATA = load_mnist().train
PRODUCTS = [  # inputs, outputs, and whether the gradient goes on to the layer below
    (784, 128, False),
    (128, 20, True),
    (20, 128, True),
    (128, 784, True),
    (784, 128, False),
    (128, 10, True),
]


def compiled_model() -> VAE:
    """A fresh model with its optimizer."""
    model = VAE(PARAMS)
    model.compile()
    model.optimizer.build(model.trainable_variables)
    return model


def preset_steps() -> dict[str, tuple[Params, int, Callable[[], None]]]:
    """For each preset and each way to compile it: some steps of its training, and how many."""
    candidates = {}
    for name, params in PRESETS.items():
        count = steps_per_call(params)
        for way, xla in (("with XLA", True), ("without XLA", False)):
            model = VAE(params)
            model.compile()
            model.optimizer.build(model.trainable_variables)
            if xla and params.augmentation:  # ImageProjectiveTransformV3 has no XLA kernel.
                continue
            run_steps = compile_steps(model, DATA, xla)
            order = tf.constant(np.random.default_rng(0).permutation(len(DATA.x)), tf.int32)
            candidates[f"{name}, {way}"] = (
                params,
                count,
                partial(run_and_wait, run_steps, order, count),
            )
    return candidates


def run_and_wait(run_steps: Callable[..., tf.Tensor], order: tf.Tensor, count: int) -> None:
    """Take steps, and wait for them by fetching their sums."""
    run_steps(order, 0, count).numpy()


def compare_presets(rounds: int) -> None:
    """Measure and print the table of the presets."""
    candidates = preset_steps()
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(rounds + 1):
        for name, (_, count, run) in candidates.items():
            start_time = time.perf_counter()
            run()
            if turn:  # The first is the warm-up.
                seconds[name].append((time.perf_counter() - start_time) / count)
    print(f"| preset | ms a step ({rounds} rounds) | s an epoch | min in all |\n|---|---|---|---|")
    for name, (params, _, _) in candidates.items():
        step = statistics.median(seconds[name])
        epoch = step * params.steps_per_epoch()
        whole = epoch * params.epochs / 60
        print(f"| {name} | {step * 1000:.1f} | {epoch:.1f} | {whole:.1f} |")


def our_epoch() -> Callable[[], None]:
    """The loop of `vae.train`, an epoch at each call."""
    run_steps = compile_steps(compiled_model(), DATA)
    order = tf.constant(np.random.default_rng(0).permutation(len(DATA.x)), tf.int32)

    def epoch() -> None:
        for start in range(0, STEPS, STEPS_PER_CALL):
            run_steps(order, start, STEPS_PER_CALL).numpy()

    return epoch


def eager_steps() -> Callable[[], None]:
    """A tenth of an epoch of the report's loop."""
    model = compiled_model()
    examples = tf.data.Dataset.from_tensor_slices(tuple(DATA))
    batches = examples.shuffle(1024).batch(BATCH).prefetch(tf.data.AUTOTUNE)

    def steps() -> None:
        for x, y in batches.take(EAGER_STEPS):
            for term in model.step(x, y).values():
                float(term)

    return steps


def fit_epoch() -> Callable[[], None]:
    """An epoch of `fit` as it comes."""
    model = compiled_model()
    return lambda: model.fit(*DATA, batch_size=BATCH, epochs=1, verbose=0)


def torch_epoch() -> Callable[[], None]:
    """An epoch of the same model in eager PyTorch, batches cut from one resident tensor."""
    nn, F = torch.nn, torch.nn.functional
    z_dim, hidden = PARAMS.z_dim, PARAMS.encoder_layers[0]
    encoder = nn.Sequential(nn.Linear(784, hidden), nn.Sigmoid())
    mu_layer, log_var_layer = nn.Linear(hidden, z_dim), nn.Linear(hidden, z_dim)
    classifier = nn.Sequential(nn.Linear(784, hidden), nn.Sigmoid(), nn.Linear(hidden, 10))
    decoder = nn.Sequential(
        nn.Linear(z_dim + 10, hidden), nn.Sigmoid(), nn.Linear(hidden, 784), nn.Sigmoid()
    )
    parts = nn.ModuleList([encoder, mu_layer, log_var_layer, classifier, decoder])
    optimizer = torch.optim.Adam(parts.parameters(), PARAMS.learning_rate)
    images, labels = torch.from_numpy(DATA.x), torch.from_numpy(DATA.y).long()

    def epoch() -> None:
        for rows in torch.randperm(len(images)).split(BATCH):
            x, y = images[rows], labels[rows]
            h = encoder(x)
            mu, log_var = mu_layer(h), log_var_layer(h)
            z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
            logits = classifier(x)
            x_hat = decoder(torch.cat([z, F.softmax(logits, 1)], 1))
            recon = ((x - x_hat) ** 2).sum(1).mean() / (2 * PARAMS.decoder_std**2)
            kl = -0.5 * (1 + log_var - mu**2 - log_var.exp()).sum(1).mean()
            cls = F.cross_entropy(logits, y)
            loss = recon + kl + PARAMS.digit_classification_weight * cls
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return epoch


def products_alone(normal: Callable[[int, int], "np.ndarray"]) -> Callable[[], None]:
    """The matrix products of an epoch: forward, for the kernels and for the layers below."""
    layers = [
        (normal(BATCH, inputs), normal(inputs, outputs), normal(BATCH, outputs), below)
        for inputs, outputs, below in PRODUCTS
    ]

    def epoch() -> None:
        for _ in range(STEPS):
            for x, kernel, gradient, below in layers:
                x @ kernel
                x.T @ gradient
                if below:
                    gradient @ kernel.T

    return epoch


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--presets", action="store_true")
    options = parser.parse_args()
    rounds = options.rounds
    if options.presets:
        compare_presets(rounds)
        return

    rng = np.random.default_rng(0)
    candidates = {
        "train": our_epoch(),
        "eager": eager_steps(),
        "fit": fit_epoch(),
        "products, NumPy": products_alone(lambda *shape: rng.standard_normal(shape, np.float32)),
    }
    if torch:
        candidates["pytorch"] = torch_epoch()
        candidates["products, PyTorch"] = products_alone(torch.randn)
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(rounds + 1):
        for name, run in candidates.items():
            start_time = time.perf_counter()
            run()
            took = time.perf_counter() - start_time
            if turn:  # The first is the warm-up.
                seconds[name].append(took * (STEPS / EAGER_STEPS if name == "eager" else 1))
    print(f"| one epoch | median s | times train ({rounds} rounds) |\n|---|---|---|")
    for name, times in seconds.items():
        ratio = statistics.median(t / ours for t, ours in zip(times, seconds["train"], strict=True))
        print(f"| {name} | {statistics.median(times):.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
