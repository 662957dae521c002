"""Which layers a model has. The Keras model and the NumPy model are both built from this."""

import math
from typing import NamedTuple

from vae.data.mnist import CLASSES, PIXELS, SIDE
from vae.errors import ParamsError
from vae.model.layers import (
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Layer,
    MaxPool,
    Reshape,
    Shape,
    Shapes,
)
from vae.params import Params

MAX_PARAMETERS = 10_000_000
"""They take 160 MB in training: weights, gradients and Adam's two moments, 4 bytes each."""

MAX_STEP_WORK = 60_000_000_000
"""Multiply-adds of a training step: about a second on two cores. The largest steps that are
allowed took 1.1 to 1.5 seconds of processor time.
"""

MAX_STEP_MEMORY = 2_500_000_000
"""Bytes of a training step. The rest of the process takes about 1.2 GB, most of it TensorFlow and
MNIST; the largest trainings that are allowed took 2.4 to 3.6 GB.
"""

_TENSORS_KEPT: dict[str | None, int] = {"silu": 2, "gelu": 6}
"""Tensors of the size of its output kept for the gradient of an activation; 1 for the others."""

_TENSORS_IN_BACKWARD = 3
"""Tensors as large as the largest output that the backward pass needs besides: the gradients of a
layer's input and output, and a copy in another order. With this, and 1.15 GB for the rest of the
process, the estimate was at most 14 % below and 22 % above the peak memory in the training steps
of 24 trainings that took 1.5 to 4.9 GB.
"""


class Architecture(NamedTuple):
    """The parts of the model, each a chain of layers.

    stem: image (n, 784) → features (n, f)
    encoder: features, and the label's one-hot if the encoder sees it → hidden
    mu, log_var: hidden → (n, z_dim)
    classifier: image → logits (n, 10)
    decoder: [z, digit probabilities] → logits of the pixels (n, 784)
    """

    stem: list[Layer]
    encoder: list[Layer]
    mu: list[Layer]
    log_var: list[Layer]
    classifier: list[Layer]
    decoder: list[Layer]


def architecture(params: Params) -> Architecture:
    """The layers of a model with these parameters.

    By default the three multilayer perceptrons of the lab report; a part that has filters gets
    convolutions between the image and its hidden layers.

    Raises:
        ParamsError: if the model would have more than `MAX_PARAMETERS`.
    """
    stem, features = _stem(params)
    encoder, hidden = _hidden(
        "encoder", features + CLASSES * params.encoder_sees_label, params.encoder_layers, params
    )
    parts = Architecture(
        stem=stem,
        encoder=encoder,
        mu=[Dense("mu", hidden, params.z_dim, None)],
        log_var=[Dense("log_var", hidden, params.z_dim, None)],
        classifier=_classifier(params),
        decoder=_decoder(params),
    )
    if (count := count_parameters(parts)) > MAX_PARAMETERS:
        raise ParamsError(
            f"A model may have {MAX_PARAMETERS / 1e6:.0f} million weights at most; these layers "
            f"and filters make {count / 1e6:.1f} million."
        )
    return parts


def count_parameters(parts: Architecture) -> int:
    """How many numbers all tensors of the model hold."""
    return sum(
        math.prod(shape) for part in parts for layer in part for shape in layer.shapes.values()
    )


def _hidden(
    part: str, inputs: int, widths: tuple[int, ...], params: Params, dropout: float = 0
) -> tuple[list[Layer], int]:
    layers: list[Layer] = []
    for i, units in enumerate(widths):
        layers.append(Dense(f"{part}.{i}", inputs, units, params.activation))
        if dropout:
            layers.append(Dropout(dropout))
        inputs = units
    return layers, inputs


def _stem(params: Params) -> tuple[list[Layer], int]:
    """Convolutions 4 × 4 with stride 2, and the number of features; without filters the pixels."""
    if not params.encoder_filters:
        return [Reshape((PIXELS,))], PIXELS
    layers: list[Layer] = [Reshape((SIDE, SIDE, 1))]
    side, channels = SIDE, 1
    for i, filters in enumerate(params.encoder_filters):
        layers.append(Conv(f"encoder.conv{i}", channels, filters, 4, 2, params.activation))
        side, channels = -(-side // 2), filters
    features = side * side * channels
    return [*layers, Reshape((features,))], features


def _classifier(params: Params) -> list[Layer]:
    """Convolutions 3 × 3, each normalised and pooled, then hidden layers with dropout."""
    layers: list[Layer] = []
    features = PIXELS
    if params.digit_classification_filters:
        side, channels = SIDE, 1
        layers.append(Reshape((SIDE, SIDE, 1)))
        for i, filters in enumerate(params.digit_classification_filters):
            layers += [
                Conv(f"classifier.conv{i}", channels, filters, 3, 1, None),
                BatchNorm(f"classifier.norm{i}", filters, params.activation),
                MaxPool(),
            ]
            side, channels = side // 2, filters
        features = side * side * channels
        layers.append(Reshape((features,)))
    widths = params.digit_classification_layers
    hidden, units = _hidden("classifier", features, widths, params, params.dropout)
    return [*layers, *hidden, Dense(f"classifier.{len(widths)}", units, CLASSES, None)]


def _decoder(params: Params) -> list[Layer]:
    """Hidden layers; with filters, then a small image with `decoder_filters[0]` channels whose
    sides each transposed convolution doubles, and a last convolution to one channel.
    """
    widths = params.decoder_layers
    inputs = params.z_dim + CLASSES * params.labelled
    layers, units = _hidden("decoder", inputs, widths, params)
    if not params.decoder_filters:
        return [*layers, Dense(f"decoder.{len(widths)}", units, PIXELS, None)]
    channels, *others = params.decoder_filters
    side = SIDE // 2 ** len(others)
    pixels = side * side * channels
    layers += [
        Dense(f"decoder.{len(widths)}", units, pixels, params.activation),
        Reshape((side, side, channels)),
    ]
    for i, filters in enumerate(others):
        layers.append(
            Conv(f"decoder.conv{i}", channels, filters, 4, 2, params.activation, transposed=True)
        )
        channels = filters
    last = Conv(f"decoder.conv{len(others)}", channels, 1, 3, 1, None)
    return [*layers, last, Reshape((PIXELS,))]


def shapes(params: Params) -> Shapes:
    """Name and shape of every tensor of a trained model with these parameters.

    Raises:
        ParamsError: as `architecture`.
    """
    return {
        name: shape
        for part in architecture(params)
        for layer in part
        for name, shape in layer.shapes.items()
    }


def check_size(params: Params) -> None:
    """Refuse a training that would take too much memory or time.

    Not for the use of a trained model, which needs little of either.

    Raises:
        ParamsError: if the model would have more than `MAX_PARAMETERS`, or a training step take
            more than `MAX_STEP_MEMORY` or `MAX_STEP_WORK`.
    """
    smaller = "choose fewer filters, smaller layers or a smaller batch_size."
    if (memory := step_memory(params)) > MAX_STEP_MEMORY:
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

    Raises:
        ParamsError: as `architecture`.
    """
    images = _images(params)
    coder, classifier, decoder = (
        sum(layer.work(shape) for layer, shape in part) for part in _parts(params)
    )
    forward = (
        images.batch * (coder + decoder)
        + images.classifier * classifier
        + images.consistency * decoder
    )
    return 3 * forward + 2 * images.consistency * classifier


def step_memory(params: Params) -> int:
    """Estimated bytes of a training step: activations, their gradients, weights and optimizer.

    The gradient of a layer's weights needs the layer's input, so every output is kept until the
    backward pass.

    Raises:
        ParamsError: as `architecture`.
    """
    images = _images(params)
    parts = _parts(params)
    coder, classifier, decoder = (
        sum(_kept(layer) * math.prod(layer.output(shape)) for layer, shape in part)
        for part in parts
    )
    inputs = PIXELS * (2 * images.batch + images.classifier * (5 if params.augmentation else 1))
    activations = (
        inputs
        + images.batch * (coder + decoder)
        + images.classifier * classifier
        + images.consistency * (decoder + classifier)
    )
    gradients = _TENSORS_IN_BACKWARD * max(
        count * math.prod(layer.output(shape))
        for part, count in zip(parts, (images.batch, images.classifier, images.batch), strict=True)
        for layer, shape in part
    )
    weights = 4 * count_parameters(architecture(params))
    return 4 * (activations + gradients + weights)


class _Images(NamedTuple):
    """How many images go through the parts of the model in a training step.

    batch: through encoder and decoder
    classifier: through the classifier
    consistency: through decoder and classifier once more, for the consistency term
    """

    batch: int
    classifier: int
    consistency: int


def _images(params: Params) -> _Images:
    batch = params.batch_size
    classifier = batch + params.synthetic_per_batch
    changed = params.synthetic_per_batch or params.augmentation
    if params.decoder_sees == "predicted" and changed:
        classifier += batch  # The decoder gets the probabilities of the batch as it is.
    return _Images(batch, classifier, 2 * (batch // 4) if params.consistent else 0)


def _parts(params: Params) -> tuple[list[tuple[Layer, Shape]], ...]:
    """The layers of encoder, classifier and decoder, each with the shape of its input."""
    parts = architecture(params)
    encoder = [*parts.stem, *parts.encoder, *parts.mu, *parts.log_var]
    return tuple(_with_inputs(part) for part in (encoder, parts.classifier, parts.decoder))


def _with_inputs(layers: list[Layer]) -> list[tuple[Layer, Shape]]:
    pairs: list[tuple[Layer, Shape]] = []
    shape: Shape = (PIXELS,)
    for layer in layers:
        pairs.append((layer, shape))
        shape = layer.output(shape)
    return pairs


def _kept(layer: Layer) -> int:
    """How many tensors of the size of its output a layer keeps for the backward pass."""
    if isinstance(layer, Reshape):
        return 0
    activation = None if isinstance(layer, MaxPool | Dropout) else layer.activation
    return _TENSORS_KEPT.get(activation, 1)
