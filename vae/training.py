"""The training loop: a generator of progress that knows nothing of who watches it.

Its speed comes from three things: the training images are one resident tensor, a
batch is gathered from it inside the graph, and one XLA-compiled call takes many steps.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from vae.architecture import architecture
from vae.data import Data, Examples, load_mnist
from vae.inference import TrainedVAE
from vae.model import VAE, faster_with_xla
from vae.params import Params

STEPS_PER_CALL = 60
"""Enough that the price of a call does not show; ten calls make an epoch of the report's."""

CONV_STEPS_PER_CALL = 5
"""A convolutional step takes so long that its call costs nothing; somebody is watching."""

CONV_VALIDATION_BATCH = 500
"""So many images in convolutions fit into memory; without, all do."""


class TrainingError(Exception):
    """The training cannot go on; says why in a sentence."""


@dataclass(frozen=True)
class Progress:
    """Where a training is.

    Attributes:
        epoch: 1 to `params.epochs`.
        step: steps done in this epoch; steps: how many it has.
        loss, recon, kl, cls, consistency: means over the steps since the last progress, nats.
        examples_per_second: over the same steps.
        trained: at the end of an epoch, the model as it is then; else None. The last
            entry of its `history` is this epoch's: means of the terms over its steps,
            and under `val_loss`, `val_recon`, `val_kl`, `val_cls` over the test set.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    recon: float
    kl: float
    cls: float
    examples_per_second: float
    consistency: float = 0.0
    trained: TrainedVAE | None = None


def train(params: Params | Mapping[str, Any], data: Data | None = None) -> Iterator[Progress]:
    """Train a VAE, yielding its progress several times an epoch; close it to stop.

    Every epoch is one random order of the training examples; those left over by the last
    whole batch wait for another epoch. The same parameters (their seed among them) give
    the same model on the same machine.

    Args:
        params: `Params` or a plain dict.
        data: what to train and to validate on; MNIST by default.

    Raises:
        ParamsError: if the parameters are not valid.
        TrainingError: if there are fewer training examples than `batch_size`, or the loss
            stops being finite.
    """
    params = Params.of(params)
    architecture(params)
    data = data or load_mnist()
    return _train(params, data)


def _train(params: Params, data: Data) -> Iterator[Progress]:
    learn = data.train.part(slice(max(0, len(data.train.x) - params.held_out)))
    steps = len(learn.x) // params.batch_size
    if not steps:
        raise TrainingError(f"{len(learn.x)} examples are fewer than one batch.")
    model = VAE(params)
    model.compile(steps_per_epoch=steps)
    model.optimizer.build(model.trainable_variables)
    advance, validate = many_steps(model, learn), _validation(model, data.test)
    steps_per_call = CONV_STEPS_PER_CALL if params.convolutional else STEPS_PER_CALL
    history: list[dict[str, float]] = []

    for epoch in range(1, params.epochs + 1):
        order = np.random.default_rng([params.seed, epoch]).permutation(len(learn.x))
        order = tf.constant(order[: steps * params.batch_size], tf.int32)
        sums = np.zeros(len(model.terms))
        for start in range(0, steps, steps_per_call):
            count = min(steps_per_call, steps - start)
            began = time.perf_counter()
            total = advance(order, start, count).numpy()
            seconds = time.perf_counter() - began
            if not np.isfinite(total).all():
                raise TrainingError(
                    "The loss is no longer a number; a smaller learning rate may help."
                )
            sums += total
            done = start + count
            trained = None
            if done == steps:
                whole = dict(zip(model.terms, (sums / steps).tolist(), strict=True))
                history.append({"epoch": epoch, **whole, **validate()})
                trained = model.to_trained(history=list(history))
            means = dict(zip(model.terms, (total / count).tolist(), strict=True))
            speed = count * params.batch_size / seconds
            yield Progress(epoch, done, steps, **means, examples_per_second=speed, trained=trained)


def many_steps(
    model: VAE, examples: Examples, xla: bool | None = None
) -> Callable[[tf.Tensor, int, int], tf.Tensor]:
    """A compiled function (order, start, count) → the sums of `model.terms` over `count` steps.

    Step i is taken on the examples that order[i·batch_size : (i+1)·batch_size] names. XLA
    compiles it where that is faster, or as `xla` says.
    """
    xla = faster_with_xla(model.params) if xla is None else xla
    batch_size = model.params.batch_size
    images, labels = tf.constant(examples.x), tf.constant(examples.y)

    @tf.function(jit_compile=xla, reduce_retracing=True)
    def run(images, labels, order, start, count):  # type: ignore[no-untyped-def]
        def body(i, sums):  # type: ignore[no-untyped-def]
            # Not tf.slice: XLA would compile anew for every start.
            rows = tf.gather(order, (start + i) * batch_size + tf.range(batch_size))
            terms = model.step(tf.gather(images, rows), tf.gather(labels, rows))
            return i + 1, sums + tf.stack([terms[term] for term in model.terms])

        return tf.while_loop(lambda i, _: i < count, body, (0, tf.zeros(len(model.terms))))[1]

    return lambda order, start, count: run(
        images, labels, order, tf.constant(start), tf.constant(count)
    )


def _validation(model: VAE, examples: Examples) -> Callable[[], dict[str, float]]:
    n = len(examples.x)
    size = CONV_VALIDATION_BATCH if model.params.convolutional else n
    batches = [
        tuple(map(tf.constant, (examples.x[i : i + size], examples.y[i : i + size])))
        for i in range(0, n, size)
    ]
    terms = tf.function(
        model.loss_terms, jit_compile=faster_with_xla(model.params), reduce_retracing=True
    )

    def validate() -> dict[str, float]:
        sums = dict.fromkeys(model.terms, 0.0)
        for x, y in batches:
            for term, value in terms(x, y).items():
                sums[term] += float(value) * len(x)
        return {f"val_{term}": total / n for term, total in sums.items()}

    return validate
