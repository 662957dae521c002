"""One of the ways to train a preset, in a process of its own.

    python -m benchmarks.other_libraries.trainer WAY PRESET

It reads a number of steps from each line of its input, takes them, and prints how many seconds
that took. Libraries in one process would take each other's threads.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from vae.data.mnist import Examples, load_mnist
from vae.model import registry
from vae.presets import PRESETS
from vae.training.quiet import quiet

Steps = Callable[[int], object]


def ours(name: str, examples: Examples) -> Steps:
    """`vae.train`'s loop."""
    with quiet():
        import tensorflow as tf

        from vae.model.keras_model import VAE
        from vae.training.loop import compile_steps, steps_per_call
    model = VAE(PRESETS[name])
    model.compile()
    model.optimizer.build(model.trainable_variables)
    run, at_once = compile_steps(model, examples), steps_per_call(model.params)
    order = tf.constant(np.random.default_rng(0).permutation(len(examples.x)), tf.int32)

    def steps(count: int) -> None:
        for start in range(0, count, at_once):
            run(order, start, min(at_once, count - start)).numpy()

    return steps


def keras_fit(name: str, examples: Examples) -> Steps:
    """Keras' `fit` with nothing but `compile()`."""
    with quiet():
        from vae.model.keras_model import VAE
    model = VAE(PRESETS[name])
    model.compile()
    size = model.params.batch_size

    def steps(count: int) -> None:
        few = count * size
        model.fit(examples.x[:few], examples.y[:few], batch_size=size, epochs=1, verbose=0)

    return steps


def pytorch(name: str, examples: Examples, compiled: bool = False) -> Steps:
    """PyTorch, its loss and gradients eager or compiled."""
    from benchmarks.other_libraries.torch_step import Step, from_keras

    tensors = from_keras(registry.load(name).tensors)
    return Step(PRESETS[name], tensors, examples, compiled).steps


def jax(name: str, examples: Examples, scanned: bool = True) -> Steps:
    """JAX, many steps in a call or one."""
    from benchmarks.other_libraries.jax_step import Step

    return Step(PRESETS[name], registry.load(name).tensors, examples, scanned).steps


WAYS: dict[str, Callable[[str, Examples], Steps]] = {
    "vae.train": ours,
    "vae.train bfloat16": ours,
    "Keras fit": keras_fit,
    "PyTorch": pytorch,
    "PyTorch compiled": lambda name, examples: pytorch(name, examples, compiled=True),
    "JAX": lambda name, examples: jax(name, examples, scanned=False),
    "JAX scan": jax,
}
"""Each way by its name: the name of a preset and the training images → what takes steps."""


def main() -> None:
    """Take as many steps as the lines of the input say."""
    way, name = sys.argv[1:]
    train = load_mnist().train
    params = PRESETS[name]
    steps = WAYS[way](name, train.part(slice(len(train.x) - params.held_out)))
    for line in sys.stdin:
        began = time.perf_counter()
        steps(int(line))
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
