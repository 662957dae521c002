"""The training loop, independent of pages and of storage.

Its speed comes from three things: the training images are one resident tensor, a
batch is gathered from it inside the graph, and one XLA-compiled call takes many steps.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from vae.data.examples import as_data
from vae.data.mnist import Data, Examples, load_mnist
from vae.errors import CheckpointError, TrainingError
from vae.model.keras_model import VAE, faster_with_xla
from vae.model.training_size import check_size, step_work
from vae.params import LIVE_PARAMS, Params
from vae.training.checkpoint import Checkpoint, Position
from vae.training.progress import Progress, Validation
from vae.training.shared import shared_tensor
from vae.training.validation import Validator

STEPS_PER_CALL = 60
"""At most: enough that the cost of a call does not show. Ten calls are an epoch of `classic`."""

WORK_PER_CALL = 11_000_000_000
"""Multiply-adds of a call: a fraction of a second on two cores. Between two calls a training can
be paused, stopped and steered.
"""


def train(params: Params | Mapping[str, Any], data: Any = None) -> Iterator[Progress]:
    """Train a VAE, yielding its progress several times an epoch; close it to stop.

    Every epoch is one random order of the training examples; what is left over by the last
    whole batch waits for another epoch. The same parameters (their seed among them) give the
    same model on the same machine, bit for bit.

    Args:
        params: `Params` or a plain dict.
        data: what to train and to validate on (`Data.split`); MNIST by default. `Data`, or
            `(x_train, y_train), (x_test, y_test)` as in `vae.data.examples`. The training may use
            the arrays themselves: do not change them meanwhile.

    Raises:
        ParamsError: if the parameters are not valid, or make a training too large.
        UsageError: if the data are no images and digits.
        TrainingError: if there are fewer training examples than `batch_size`, none to validate
            on, or the loss stops being finite.
    """
    params = Params.of(params)
    check_size(params)
    return _train(params, load_mnist() if data is None else as_data(data))


def _train(params: Params, data: Data) -> Iterator[Progress]:
    training = Training(params, data)
    while not training.done:
        progress = training.advance()
        if training.epoch_complete:
            while not (end := training.validate_batch()):
                pass
            progress = replace(progress, trained=end.trained, validation=end.validation)
        yield progress


class Training:
    """A training that stands still between two calls: to be watched, steered and saved.

    An epoch is some calls of `advance`, until `epoch_complete`, then some of `validate_batch`.

    Args:
        params: what to train.
        data: what to train and to validate on.
        checkpoint: from where to go on; by default, from the beginning.

    Attributes:
        target_epochs: how many epochs there are to be.
        history: an entry for each finished epoch.
        step: steps done in the epoch that follows.
        steps: steps of an epoch.
        live_params: the present value of each of `LIVE_PARAMS`.

    Raises:
        TrainingError: if there are fewer training examples than `batch_size`.
        CheckpointError: if the checkpoint is of another model.
    """

    def __init__(self, params: Params, data: Data, checkpoint: Checkpoint | None = None) -> None:
        self.params = params
        self._examples, self._held_out = data.split(params.held_out)
        self.steps = params.steps_per_epoch(len(data.train.x))
        if not self.steps:
            raise TrainingError(f"{len(self._examples.x)} examples are fewer than one batch.")
        if not len(self._held_out.x):
            raise TrainingError("There are no examples to validate on.")
        self.model = VAE(params)
        self._steps_per_call = steps_per_call(params)
        self._validator = Validator(self.model, self._held_out)
        self._validation: Iterator[Validation | None] | None = None
        self._seed_before_validation: Any = None
        self.live_params = {name: float(getattr(params, name)) for name in LIVE_PARAMS}
        self.target_epochs, self._schedule_start = params.epochs, 0
        self.history: list[dict[str, float]] = []
        self.step = 0
        self._sums = np.zeros(len(self.params.terms))
        self._optimizer_state: list[Any] = []
        self._run_steps: Callable[[tf.Tensor, int, int], tf.Tensor] | None = None
        if checkpoint:
            self._restore(checkpoint)

    @property
    def done(self) -> bool:
        """Whether all epochs are finished."""
        return len(self.history) >= self.target_epochs

    @property
    def epoch_complete(self) -> bool:
        """Whether all steps of the epoch are done, and its validation is not."""
        return self.step == self.steps

    def advance(self, max_steps: int | None = None) -> Progress:
        """Take the optimizer steps of one call, at most `max_steps`.

        Raises:
            TrainingError: if the loss stops being finite.
        """
        run, params, epoch = self._compiled(), self.params, len(self.history) + 1
        order = np.random.default_rng([params.seed, epoch]).permutation(len(self._examples.x))
        order = tf.constant(order[: self.steps * params.batch_size], tf.int32)
        # Calls end at the same steps however they were interrupted.
        to_boundary = self._steps_per_call - self.step % self._steps_per_call
        count = min(to_boundary, self.steps - self.step, max_steps or self._steps_per_call)
        start = time.perf_counter()
        total = run(order, self.step, count).numpy()
        seconds = time.perf_counter() - start
        _check_finite(total)
        self.step += count
        self._sums += total
        return Progress(
            epoch=epoch,
            step=self.step,
            steps=self.steps,
            examples_per_second=count * params.batch_size / seconds,
            **dict(zip(self.params.terms, (total / count).tolist(), strict=True)),
        )

    def validate_batch(self) -> Progress | None:
        """Evaluate the next batch of images to validate on; the last one ends the epoch.

        Returns:
            None until then. At the end of the epoch its progress, with the means over its steps,
            the model and the validation.
        """
        if self._validation is None:
            self._seed_before_validation = self.model.seed_generator.state.numpy()
            self._validation = self._validator.run()
        validation = next(self._validation)
        if not validation:
            return None
        _check_finite(list(validation.figures.values()))
        means = dict(zip(self.params.terms, (self._sums / self.steps).tolist(), strict=True))
        epoch = len(self.history) + 1
        self.history.append({"epoch": epoch, **means, **validation.figures})
        self.step, self._sums, self._validation = 0, np.zeros_like(self._sums), None
        return Progress(
            epoch=epoch,
            step=self.steps,
            steps=self.steps,
            examples_per_second=0.0,
            trained=self.model.to_trained(history=list(self.history)),
            validation=validation,
            **means,
        )

    def validate_untrained(self, count: int) -> Validation:
        """The validation on the first `count` images; does not change the training."""
        seed = self.model.seed_generator.state.numpy()
        validator = Validator(self.model, self._held_out.part(slice(count)), eager=True)
        *_, validation = validator.run()
        self.model.seed_generator.state.assign(seed)
        return cast(Validation, validation)

    def set_live(self, name: str, value: float) -> None:
        """Give one of `LIVE_PARAMS` another value, from the next step on."""
        self.live_params[name] = value
        self._apply_live_params()

    def set_target_epochs(self, epochs: int) -> None:
        """Set how many epochs there are to be in all.

        A learning rate with a schedule follows it once more over the epochs that are added to
        a finished training; in an unfinished one the schedule is stretched or shortened.
        """
        if self.done:
            self._schedule_start = len(self.history)
        self.target_epochs = epochs
        params = self.params
        schedules = {params.learning_rate_schedule, params.kl_schedule}
        if schedules != {"constant"} or params.augmentation:
            self._optimizer_state = self._optimizer_values()
            self._run_steps = None

    def checkpoint(self, single_steps: int = 0) -> Checkpoint:
        """All that is needed to go on from here; an unfinished validation is done again."""
        position = Position(
            target_epochs=self.target_epochs,
            schedule_start=self._schedule_start,
            step=self.step,
            sums=self._sums.tolist(),
            history=list(self.history),
            live_params=dict(self.live_params),
            single_steps=single_steps,
        )
        tensors = dict(self.model.to_trained().tensors)
        tensors |= {f"optimizer/{i}": value for i, value in enumerate(self._optimizer_values())}
        validating = self._validation is not None
        seed = self.model.seed_generator.state.numpy()
        tensors["seed"] = self._seed_before_validation if validating else seed
        return Checkpoint(position, tensors)

    def _restore(self, checkpoint: Checkpoint) -> None:
        position, tensors = checkpoint.position, dict(checkpoint.tensors)
        if position.step > self.steps or len(position.sums) != len(self._sums):
            raise CheckpointError("The checkpoint does not fit the run's parameters.")
        self.target_epochs, self._schedule_start = position.target_epochs, position.schedule_start
        self.step, self._sums = position.step, np.array(position.sums)
        self.history = list(position.history)
        try:
            self.model.seed_generator.state.assign(tensors.pop("seed"))
            while (name := f"optimizer/{len(self._optimizer_state)}") in tensors:
                self._optimizer_state.append(tensors.pop(name))
            self.model.set_tensors(tensors)
        except (KeyError, ValueError) as error:
            raise CheckpointError("The checkpoint does not fit the run's parameters.") from error
        self.live_params |= position.live_params
        self._apply_live_params()

    def _apply_live_params(self) -> None:
        values = self.live_params
        self.model.set_loss_weights(values["kl_weight"], values["digit_classification_weight"])
        if self._run_steps:
            self.model.set_learning_rate(values["learning_rate"])

    def _compiled(self) -> Callable[[tf.Tensor, int, int], tf.Tensor]:
        if not self._run_steps:
            model = self.model
            model.compile(
                steps_per_epoch=self.steps,
                first_epoch=self._schedule_start,
                epochs=self.target_epochs,
            )
            model.optimizer.build(model.trainable_variables)
            for variable, value in zip(
                model.optimizer.variables, self._optimizer_state, strict=False
            ):
                variable.assign(value)
            self._run_steps = compile_steps(model, self._examples)
            self._apply_live_params()
        return self._run_steps

    def _optimizer_values(self) -> list[Any]:
        if not self._run_steps:
            return self._optimizer_state
        return [variable.numpy() for variable in self.model.optimizer.variables]


def _check_finite(figures: ArrayLike) -> None:
    if not np.isfinite(figures).all():
        raise TrainingError("The loss is no longer a number; a smaller learning rate may help.")


def steps_per_call(params: Params) -> int:
    """Optimizer steps of one call of the compiled loop: by their work, see `WORK_PER_CALL`."""
    return min(STEPS_PER_CALL, max(1, WORK_PER_CALL // step_work(params)))


def compile_steps(
    model: VAE, examples: Examples, xla: bool | None = None
) -> Callable[[tf.Tensor, int, int], tf.Tensor]:
    """A compiled function (order, start, count) → the sums of `Params.terms` over `count` steps.

    Step i is taken on the examples that order[i·batch_size : (i+1)·batch_size] names. XLA
    compiles it where that is faster, or as `xla` says.
    """
    xla = faster_with_xla(model.params) if xla is None else xla
    batch_size, names = model.params.batch_size, model.params.terms
    images, labels = map(shared_tensor, examples)

    # AutoGraph would take longer to convert Keras' code than all the rest; the code needs none.
    @tf.function(jit_compile=xla, reduce_retracing=True, autograph=False)
    def run(images, labels, order, start, count):  # type: ignore[no-untyped-def]
        def body(i, sums):  # type: ignore[no-untyped-def]
            # Not tf.slice: XLA would compile again for every start.
            rows = tf.gather(order, (start + i) * batch_size + tf.range(batch_size))
            terms = model.step(tf.gather(images, rows), tf.gather(labels, rows))
            return i + 1, sums + tf.stack([terms[name] for name in names])

        return tf.while_loop(lambda i, _: i < count, body, (0, tf.zeros(len(names))))[1]

    return lambda order, start, count: run(
        images, labels, order, tf.constant(start), tf.constant(count)
    )
