"""The training loop, which knows nothing of who watches it.

Its speed comes from three things: the training images are one resident tensor, a
batch is gathered from it inside the graph, and one XLA-compiled call takes many steps.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from vae.data.mnist import CLASSES, Data, Examples, load_mnist
from vae.errors import TrainingError
from vae.model.architecture import architecture, count_parameters
from vae.model.keras_model import VAE, faster_with_xla
from vae.model.losses import kl_per_dimension
from vae.params import LIVE_PARAMS, Params
from vae.training.checkpoint import Checkpoint, Position
from vae.training.progress import Progress, Validation
from vae.training.schedule import set_learning_rate

STEPS_PER_CALL = 60
"""Enough that the price of a call does not show; ten calls make an epoch of the report's."""

CONV_STEPS_PER_CALL = 3
"""A convolutional step takes so long that its call costs nothing."""

WORK_PER_CALL = 3_000_000_000
"""Weights times images of a call without convolutions: some tenths of a second on two cores."""

CONV_VALIDATION_BATCH = 500
"""So many images in convolutions fit into memory; without, all do."""


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
    return _train(params, data or load_mnist())


def _train(params: Params, data: Data) -> Iterator[Progress]:
    training = Training(params, data)
    while not training.done:
        yield training.advance()


class Training:
    """A training that stands still between two calls: to be looked at, steered and kept.

    Args:
        params: what to train.
        data: what to train and to validate on.
        checkpoint: from where to go on; by default, from the beginning.

    Attributes:
        epochs: how many there are to be.
        history: an entry for each finished epoch.
        step: steps done in the epoch that follows.
        steps: how many an epoch has.
        live_params: the present value of each of `LIVE_PARAMS`.

    Raises:
        TrainingError: if there are fewer training examples than `batch_size`.
    """

    def __init__(self, params: Params, data: Data, checkpoint: Checkpoint | None = None) -> None:
        self.params = params
        self._learn = data.train.part(slice(max(0, len(data.train.x) - params.held_out)))
        self.steps = len(self._learn.x) // params.batch_size
        if not self.steps:
            raise TrainingError(f"{len(self._learn.x)} examples are fewer than one batch.")
        self.model = VAE(params)
        self._per_call = steps_per_call(params)
        self._test = data.test
        self._validate = _validation(self.model, data.test)
        self.live_params = {name: float(getattr(params, name)) for name in LIVE_PARAMS}
        self.epochs, self._first = params.epochs, 0
        self.history: list[dict[str, float]] = []
        self.step = 0
        self._sums = np.zeros(len(self.model.terms))
        self._optimizer_state: list[Any] = []
        self._advance: Callable[[tf.Tensor, int, int], tf.Tensor] | None = None
        if checkpoint:
            self._restore(checkpoint)

    @property
    def done(self) -> bool:
        """Whether all epochs are finished."""
        return len(self.history) >= self.epochs

    def advance(self, most: int | None = None) -> Progress:
        """Take the steps of one call, at most so many, and say what came of them.

        Raises:
            TrainingError: if the loss stops being finite.
        """
        run, params, epoch = self._compiled(), self.params, len(self.history) + 1
        order = np.random.default_rng([params.seed, epoch]).permutation(len(self._learn.x))
        order = tf.constant(order[: self.steps * params.batch_size], tf.int32)
        per_call = self._per_call
        count = min(per_call - self.step % per_call, self.steps - self.step, most or per_call)
        began = time.perf_counter()
        total = run(order, self.step, count).numpy()
        seconds = time.perf_counter() - began
        if not np.isfinite(total).all():
            raise TrainingError("The loss is no longer a number; a smaller learning rate may help.")
        self.step += count
        self._sums += total
        progress = {
            "epoch": epoch,
            "step": self.step,
            "steps": self.steps,
            **dict(zip(self.model.terms, (total / count).tolist(), strict=True)),
            "examples_per_second": count * params.batch_size / seconds,
        }
        if self.step < self.steps:
            return Progress(**progress)
        whole = dict(zip(self.model.terms, (self._sums / self.steps).tolist(), strict=True))
        validation = self._validate()
        self.history.append({"epoch": epoch, **whole, **validation.figures})
        self.step, self._sums = 0, np.zeros_like(self._sums)
        trained = self.model.to_trained(history=list(self.history))
        return Progress(**progress, trained=trained, validation=validation)

    def look(self, most: int) -> Validation:
        """How the model does on the first so many test images; leaves no trace in the training."""
        state = self.model.seed_generator.state
        before = state.numpy()
        validation = _validation(self.model, self._test.part(slice(most)), eager=True)()
        state.assign(before)
        return validation

    def set_live(self, param: str, value: float) -> None:
        """Give one of `LIVE_PARAMS` another value, from the next step on."""
        self.live_params[param] = value
        self._set_live_params()

    def set_target_epochs(self, epochs: int) -> None:
        """Have so many epochs in all.

        A learning rate with a schedule follows it once more over the epochs that are added to
        a finished training; in one that is not, the schedule is stretched or shortened.
        """
        if self.done:
            self._first = len(self.history)
        self.epochs = epochs
        if self.params.learning_rate_schedule != "constant" or self.params.augmentation:
            self._optimizer_state = self._optimizer_values()
            self._advance = None

    def checkpoint(self, single_steps: int = 0) -> Checkpoint:
        """All that is needed to go on from here."""
        position = Position(
            self.epochs,
            self._first,
            self.step,
            self._sums.tolist(),
            list(self.history),
            dict(self.live_params),
            single_steps,
        )
        tensors = dict(self.model.to_trained().tensors)
        tensors |= {f"optimizer/{i}": array for i, array in enumerate(self._optimizer_values())}
        return Checkpoint(position, tensors | {"seed": self.model.seed_generator.state.numpy()})

    def _restore(self, checkpoint: Checkpoint) -> None:
        position, tensors = checkpoint.position, dict(checkpoint.tensors)
        self.epochs, self._first, self.step = position.epochs, position.first, position.step
        self._sums, self.history = np.array(position.sums), list(position.history)
        self.model.seed_generator.state.assign(tensors.pop("seed"))
        while (name := f"optimizer/{len(self._optimizer_state)}") in tensors:
            self._optimizer_state.append(tensors.pop(name))
        self.model.set_tensors(tensors)
        self.live_params = dict(position.live_params)
        self._set_live_params()

    def _set_live_params(self) -> None:
        self.model.set_loss_weights(
            self.live_params["kl_weight"], self.live_params["digit_classification_weight"]
        )
        if self._advance:
            set_learning_rate(self.model.optimizer, self.live_params["learning_rate"])

    def _compiled(self) -> Callable[[tf.Tensor, int, int], tf.Tensor]:
        if not self._advance:
            model = self.model
            model.compile(steps_per_epoch=self.steps, first_epoch=self._first, epochs=self.epochs)
            model.optimizer.build(model.trainable_variables)
            for variable, value in zip(
                model.optimizer.variables, self._optimizer_state, strict=False
            ):
                variable.assign(value)
            self._advance = many_steps(model, self._learn)
            self._set_live_params()
        return self._advance

    def _optimizer_values(self) -> list[Any]:
        if not self._advance:
            return self._optimizer_state
        return [variable.numpy() for variable in self.model.optimizer.variables]


def steps_per_call(params: Params) -> int:
    """How many optimizer steps are taken at a time: between two calls requests are obeyed."""
    if params.convolutional:
        return CONV_STEPS_PER_CALL
    work = count_parameters(architecture(params)) * params.batch_size
    return min(STEPS_PER_CALL, max(1, WORK_PER_CALL // work))


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

    # Converting Keras' code to graphs would take longer than all else; it has no need of it.
    @tf.function(jit_compile=xla, reduce_retracing=True, autograph=False)
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


def _validation(model: VAE, examples: Examples, eager: bool = False) -> Callable[[], Validation]:
    n = len(examples.x)
    size = CONV_VALIDATION_BATCH if model.params.convolutional else n
    batches = [
        tuple(map(tf.constant, (examples.x[i : i + size], examples.y[i : i + size])))
        for i in range(0, n, size)
    ]

    def look(x, y):  # type: ignore[no-untyped-def]
        terms = model.loss_terms(x, y)
        kl = kl_per_dimension(*model.encode(x, tf.one_hot(y, CLASSES)))
        read = tf.argmax(model.classify(x), 1)
        return terms, tf.reduce_sum(kl, 0), tf.math.confusion_matrix(y, read, CLASSES)

    if not eager:
        # Without XLA, whose compiler would take longer than it saves in a hundred epochs.
        look = tf.function(look, reduce_retracing=True, autograph=False)

    def validate() -> Validation:
        sums = dict.fromkeys(model.terms, 0.0)
        kl, confusion = np.zeros(model.params.z_dim), np.zeros((CLASSES, CLASSES), int)
        for x, y in batches:
            terms, kl_here, confusion_here = look(x, y)  # type: ignore[no-untyped-call]
            for term, value in terms.items():
                sums[term] += float(value) * len(x)
            kl += kl_here.numpy()
            confusion += confusion_here.numpy()
        figures = {f"val_{term}": total / n for term, total in sums.items()}
        figures["val_accuracy"] = float(confusion.trace() / n)
        return Validation(figures, (kl / n).tolist(), confusion.tolist())

    return validate
