"""What a training takes, estimated from its parameters: memory and multiplications.

All functions raise a `ParamsError` if the model would have more than `MAX_PARAMETERS`.
"""

import math
from typing import NamedTuple

from vae.data.mnist import PIXELS
from vae.errors import ParamsError
from vae.model.architecture import architecture, count_parameters
from vae.model.layers import Layer, Reshape, Shape
from vae.params import Params

MAX_STEP_WORK = 60_000_000_000
"""Multiply-adds of a training step: about a second on two cores. The largest steps that are
allowed took 1.1 to 1.5 seconds of processor time.
"""

MAX_STEP_MEMORY = 2_500_000_000
"""Bytes of a training step or of the validation. With the rest of the process, the largest
trainings that are allowed took 2.4 to 3.6 GB.
"""

_REST_OF_PROCESS = 1_150_000_000
"""Bytes of a trainer besides: most of them TensorFlow and MNIST."""

_TENSORS_KEPT: dict[str | None, int] = {"silu": 2, "gelu": 6}
"""Tensors of the size of its output kept for the gradient of an activation; 1 for the others."""

_TENSORS_IN_BACKWARD = 3
"""Tensors as large as the largest output that the backward pass needs besides: the gradients of a
layer's input and output, and a copy in another order. With this and the rest of the process, the
estimate was at most 14 % below and 22 % above the peak memory in the training steps
of 24 trainings that took 1.5 to 4.9 GB.
"""

_TENSORS_IN_VALIDATION = 4
"""Tensors as large as the largest output that are there at once in the validation. In five models
it was 1.7 to 4.8, most with GELU.
"""

_VALIDATION_BATCH, _CONV_VALIDATION_BATCH = 10_000, 500


def check_size(params: Params) -> None:
    """Refuse a training that would take too much memory or time.

    Not for the use of a trained model, which needs little of either.

    Raises:
        ParamsError: if a training step would take more than `MAX_STEP_MEMORY` or `MAX_STEP_WORK`.
    """
    smaller = "choose fewer filters, smaller layers or a smaller batch_size."
    if (memory := max(step_memory(params), validation_memory(params))) > MAX_STEP_MEMORY:
        raise ParamsError(
            f"A training step may take {MAX_STEP_MEMORY / 1e9:.1f} GB of memory at most; with "
            f"these parameters it takes about {memory / 1e9:.1f} GB: {smaller}"
        )
    if (work := step_work(params)) > MAX_STEP_WORK:
        raise ParamsError(
            f"A training step may take {MAX_STEP_WORK / 1e9:.0f} billion multiplications at most; "
            f"with these parameters it takes {work / 1e9:.0f} billion: {smaller}"
        )


def step_work(params: Params) -> int:
    """Estimated multiply-adds of a training step: those of its matrix products and convolutions.

    The backward pass takes twice those of the forward pass: a layer has a gradient for its input
    and one for its weights. The consistency term has none for the classifier's weights.
    """
    images = _images(params)
    encoder, classifier, decoder = (
        sum(layer.work(shape) for layer, shape in part) for part in _parts(params)
    )
    forward = images.batch * (encoder + decoder) + images.classifier * classifier
    forward += images.consistency * decoder
    return 3 * forward + 2 * images.consistency * classifier


def training_work(params: Params) -> int:
    """Estimated multiply-adds of a whole training, without its validations."""
    return params.epochs * params.steps_per_epoch() * step_work(params)


def step_memory(params: Params) -> int:
    """Estimated bytes of a training step: activations, their gradients, weights and optimizer.

    The gradient of a layer's weights needs the layer's input, so every output is kept until the
    backward pass.
    """
    images = _images(params)
    parts = _parts(params)
    encoder, classifier, decoder = (
        sum(_kept(layer) * math.prod(layer.output(shape)) for layer, shape in part)
        for part in parts
    )
    activations = PIXELS * 2 * images.batch
    activations += PIXELS * images.classifier * (5 if params.augmentation else 1)
    activations += images.batch * (encoder + decoder) + images.classifier * classifier
    activations += images.consistency * (decoder + classifier)
    gradients = _TENSORS_IN_BACKWARD * max(
        count * math.prod(layer.output(shape))
        for part, count in zip(parts, (images.batch, images.classifier, images.batch), strict=True)
        for layer, shape in part
    )
    weights = 4 * count_parameters(architecture(params))
    return 4 * (activations + gradients + weights)


def validation_batch(params: Params) -> int:
    """Images that are validated at once: with convolutions, whose outputs are large, not all."""
    return _CONV_VALIDATION_BATCH if params.convolutional else _VALIDATION_BATCH


def validation_memory(params: Params) -> int:
    """Estimated bytes of the validation after an epoch, which keeps nothing for gradients."""
    largest = max(
        math.prod(layer.output(shape)) for part in _parts(params) for layer, shape in part
    )
    return 4 * _TENSORS_IN_VALIDATION * validation_batch(params) * largest


def process_memory(params: Params) -> int:
    """Estimated bytes of the process of a training."""
    return _REST_OF_PROCESS + max(step_memory(params), validation_memory(params))


class _Images(NamedTuple):
    """How many images go through the parts of the model in a training step."""

    batch: int
    """Through encoder and decoder."""

    classifier: int
    consistency: int
    """Through decoder and classifier once more, for the consistency term."""


def _images(params: Params) -> _Images:
    batch = params.batch_size
    classifier = batch + params.synthetic_per_batch
    changed = params.synthetic_per_batch or params.augmentation
    if params.decoder_sees == "predicted" and changed:
        classifier += batch  # The decoder gets the probabilities of the batch as it is.
    return _Images(batch, classifier, 2 * (batch // 4) if params.consistent else 0)


def _parts(params: Params) -> list[list[tuple[Layer, Shape]]]:
    """The layers of encoder, classifier and decoder, each with the shape of its input."""
    parts = architecture(params)
    encoder = [*parts.stem, *parts.encoder, *parts.mu, *parts.log_var]
    found: list[list[tuple[Layer, Shape]]] = []
    for layers in (encoder, parts.classifier, parts.decoder):
        found.append([])
        shape: Shape = (PIXELS,)
        for layer in layers:
            found[-1].append((layer, shape))
            shape = layer.output(shape)
    return found


def _kept(layer: Layer) -> int:
    """How many tensors of the size of its output a layer keeps for the backward pass."""
    if isinstance(layer, Reshape):
        return 0
    return _TENSORS_KEPT.get(getattr(layer, "activation", None), 1)
