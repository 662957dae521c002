"""How fast a training step is: `vae.train` next to Keras, PyTorch and JAX, and each preset.

    pip install -r requirements-bench.txt      # PyTorch and JAX; without them they have no column
    python -m benchmarks.training [--rounds 5]
    python -m benchmarks.training --presets

prints the milliseconds of an optimizer step, the median of all rounds, and in brackets the median
of its ratio to `vae.train` in the same round, for the report's model and for one with wider layers.
Each way does the same work in a process of its own, and waits while another one works:
    vae.train          the app's loop
    eager              a Python loop over the batches with Keras' model, nothing compiled
    Keras fit          `fit` after a plain `compile()`
    PyTorch            eager
    PyTorch compiled   its loss compiled by `torch.compile`
    JAX                all steps in one compiled `lax.scan`
With --presets: the times of each preset, compiled by XLA and without.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from vae.data.mnist import Examples, load_mnist
from vae.model.architecture import shapes
from vae.params import Params
from vae.presets import PRESETS
from vae.training.quiet import quiet

Steps = Callable[[int], object]
"""Takes a number of steps, and waits for the last."""

_WIDE = {f"{part}_layers": (512,) for part in ("encoder", "decoder", "digit_classification")}

MODELS = {
    "classic": PRESETS["classic"],
    "classic, 512 units wide": PRESETS["classic"].model_copy(update=_WIDE),
}
"""The report's three perceptrons, sigmoids and Gaussian pixels."""

STEPS = 200
"""Steps of a round."""

ADAM = (0.9, 0.999, 1e-7)
"""The decays and epsilon of Keras' default."""


def ours(params: Params, examples: Examples, xla: bool | None = None) -> Steps:
    """The app's loop, compiled as it decides, or by XLA or without."""
    with quiet():
        import tensorflow as tf

        from vae.training.loop import compile_steps, steps_per_call
    model = keras_model(params)
    model.optimizer.build(model.trainable_variables)
    run, at_once = compile_steps(model, examples, xla), steps_per_call(params)
    order = tf.constant(np.random.default_rng(0).permutation(len(examples.x)), tf.int32)

    def steps(count: int) -> None:
        for start in range(0, count, at_once):
            run(order, start, min(at_once, count - start)).numpy()

    return steps


def eager(params: Params, examples: Examples) -> Steps:
    """A Python loop over the batches of tf.data."""
    model = keras_model(params)
    import tensorflow as tf

    batches = tf.data.Dataset.from_tensor_slices(tuple(examples)).shuffle(1024)
    batches = batches.batch(params.batch_size).prefetch(tf.data.AUTOTUNE)

    def steps(count: int) -> None:
        for x, y in batches.take(count):
            float(model.step(x, y)["loss"])

    return steps


def fit(params: Params, examples: Examples) -> Steps:
    """Keras' own loop."""
    model = keras_model(params)

    def steps(count: int) -> None:
        few = examples.part(slice(count * params.batch_size))
        model.fit(*few, batch_size=params.batch_size, epochs=1, verbose=0)

    return steps


def keras_model(params: Params) -> Any:
    """A new model with its optimizer."""
    with quiet():
        from vae.model.keras_model import VAE
    model = VAE(params)
    model.compile()
    return model


def pytorch(params: Params, examples: Examples, compiled: bool = False) -> Steps:
    """PyTorch, its loss eager or compiled."""
    import torch
    from torch.nn import functional as F

    weights = {n: torch.tensor(a).requires_grad_() for n, a in first_weights(params).items()}
    optimizer = torch.optim.Adam(
        weights.values(), params.learning_rate, betas=ADAM[:2], eps=ADAM[2], foreach=True
    )
    images, digits = torch.tensor(examples.x), torch.tensor(examples.y).long()

    def dense(name: str, x: torch.Tensor) -> torch.Tensor:
        return torch.addmm(weights[f"{name}.bias"], x, weights[f"{name}.kernel"])

    def loss(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        hidden = torch.sigmoid(dense("encoder.0", x))
        mu, log_var = dense("mu", hidden), dense("log_var", hidden)
        z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
        logits = dense("classifier.1", torch.sigmoid(dense("classifier.0", x)))
        hidden = torch.cat([z, F.softmax(logits, 1)], 1)
        hidden = torch.sigmoid(dense("decoder.0", hidden))
        squares = (x - torch.sigmoid(dense("decoder.1", hidden))).square().sum(1)
        recon = squares.mean() / (2 * params.decoder_std**2)
        kl = -0.5 * (1 + log_var - mu.square() - log_var.exp()).sum(1).mean()
        cls = F.cross_entropy(logits, y)
        return recon + params.kl_weight * kl + params.digit_classification_weight * cls

    loss_of = torch.compile(loss) if compiled else loss

    def steps(count: int) -> float:
        for rows in torch.randint(len(images), (count, params.batch_size)):
            value = loss_of(images[rows], digits[rows])
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
        return float(value.detach())

    return steps


def jax_scan(params: Params, examples: Examples) -> Steps:
    """JAX, all steps in one call."""
    import jax
    import jax.numpy as jnp

    Tensors = dict[str, jax.Array]
    images, digits = jnp.asarray(examples.x), jnp.asarray(examples.y, jnp.int32)

    def loss(weights: Tensors, x: jax.Array, y: jax.Array, key: Any) -> jax.Array:
        def dense(name: str, x: jax.Array) -> jax.Array:
            return x @ weights[f"{name}.kernel"] + weights[f"{name}.bias"]

        hidden = jax.nn.sigmoid(dense("encoder.0", x))
        mu, log_var = dense("mu", hidden), dense("log_var", hidden)
        z = mu + jnp.exp(0.5 * log_var) * jax.random.normal(key, mu.shape)
        logits = dense("classifier.1", jax.nn.sigmoid(dense("classifier.0", x)))
        hidden = jnp.concatenate([z, jax.nn.softmax(logits)], 1)
        hidden = jax.nn.sigmoid(dense("decoder.0", hidden))
        squares = jnp.square(x - jax.nn.sigmoid(dense("decoder.1", hidden))).sum(1)
        recon = squares.mean() / (2 * params.decoder_std**2)
        kl = -0.5 * (1 + log_var - jnp.square(mu) - jnp.exp(log_var)).sum(1).mean()
        cls = -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean()
        return recon + params.kl_weight * kl + params.digit_classification_weight * cls

    def step(state: Any, _: None) -> tuple[Any, jax.Array]:
        weights, first, second, done, key = state
        key, rows_key, z_key = jax.random.split(key, 3)
        rows = jax.random.randint(rows_key, (params.batch_size,), 0, len(images))
        value, gradients = jax.value_and_grad(loss)(weights, images[rows], digits[rows], z_key)
        decay1, decay2, epsilon = ADAM
        done += 1
        first = jax.tree.map(lambda m, g: decay1 * m + (1 - decay1) * g, first, gradients)
        second = jax.tree.map(lambda v, g: decay2 * v + (1 - decay2) * g * g, second, gradients)
        rate = params.learning_rate * jnp.sqrt(1 - decay2**done) / (1 - decay1**done)
        weights = jax.tree.map(
            lambda w, m, v: w - rate * m / (jnp.sqrt(v) + epsilon), weights, first, second
        )
        return (weights, first, second, done, key), value

    scan = jax.jit(lambda state, count: jax.lax.scan(step, state, length=count), static_argnums=1)
    weights = {name: jnp.asarray(array) for name, array in first_weights(params).items()}
    zeros = jax.tree.map(jnp.zeros_like, weights)
    # The cheapest generator, as the app's Philox is for XLA.
    state = (weights, zeros, zeros, jnp.zeros((), jnp.int32), jax.random.key(0, impl="rbg"))

    def steps(count: int) -> float:
        nonlocal state
        state, losses = scan(state, count)
        return float(losses[-1])

    return steps


def first_weights(params: Params) -> dict[str, np.ndarray]:
    """Tensors as in a weights file, at random."""
    rng = np.random.default_rng(0)
    return {
        name: rng.normal(0, 0.05, shape).astype(np.float32)
        for name, shape in shapes(params).items()
    }


WAYS: dict[str, tuple[str, Callable[[Params, Examples], Steps]]] = {
    "vae.train": ("keras", ours),
    "eager": ("keras", eager),
    "Keras fit": ("keras", fit),
    "PyTorch": ("torch", pytorch),
    "PyTorch compiled": ("torch", partial(pytorch, compiled=True)),
    "JAX": ("jax", jax_scan),
}
"""By its name, the package that a way needs, and the way."""


def work(way: str, params: Params, orders: Any) -> None:
    """In a process of its own: take as many steps as each order says; answer with the seconds."""
    steps = WAYS[way][1](params, load_mnist().train)
    while True:
        count = orders.recv()
        began = time.perf_counter()
        steps(count)
        orders.send(time.perf_counter() - began)


def milliseconds(params: Params, ways: list[str], rounds: int) -> dict[str, list[float]]:
    """Of a step in each round, by the way; they take turns."""
    spawn = multiprocessing.get_context("spawn")
    processes, orders = [], {}
    for way in ways:
        orders[way], other = spawn.Pipe()
        processes.append(spawn.Process(target=work, args=(way, params, other), daemon=True))
        processes[-1].start()
        other.close()  # A failed process then raises EOFError here.
    found: dict[str, list[float]] = {way: [] for way in ways}
    for i in range(rounds + 1):
        for way, connection in orders.items():
            connection.send(STEPS)
            seconds = connection.recv()
            if i:  # In the first round it compiles.
                found[way].append(1000 * seconds / STEPS)
    for process in processes:
        process.kill()
    return found


def compare(rounds: int) -> None:
    """Print the table of the libraries."""
    ways = [way for way, (package, _) in WAYS.items() if find_spec(package)]
    print("| ms a step (times vae.train) |", *(f" {way} |" for way in ways), sep="")
    print("|---" * (len(ways) + 1) + "|")
    for name, params in MODELS.items():
        found = milliseconds(params, ways, rounds)
        cells = []
        for times in found.values():
            ratios = [a / b for a, b in zip(times, found["vae.train"], strict=True)]
            cells.append(f" {statistics.median(times):.2f} ({statistics.median(ratios):.2f}) |")
        print(f"| {name} |", *cells, sep="", flush=True)


def compare_presets(rounds: int) -> None:
    """Print the table of the presets; those that augment have no kernel in XLA."""
    train = load_mnist().train
    print(f"| preset | ms a step ({rounds} rounds) | s an epoch | min in all |\n|---|---|---|---|")
    for name, params in PRESETS.items():
        for xla in (True, False) if not params.augmentation else (False,):
            steps, count = ours(params, train, xla), STEPS if name != "conv" else 20
            times = []
            for _ in range(rounds + 1):
                began = time.perf_counter()
                steps(count)
                times.append((time.perf_counter() - began) / count)
            step = statistics.median(times[1:])
            epoch = step * params.steps_per_epoch()
            minutes = epoch * params.epochs / 60
            how = f"{name}, {'with' if xla else 'without'} XLA"
            print(f"| {how} | {1000 * step:.1f} | {epoch:.1f} | {minutes:.1f} |", flush=True)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--presets", action="store_true", help="each preset, instead of libraries")
    options = parser.parse_args()
    compare_presets(options.rounds) if options.presets else compare(options.rounds)


if __name__ == "__main__":
    main()
