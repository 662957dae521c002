"""Which layers a model has. The Keras model and the NumPy model are both built from this."""

import math
from typing import NamedTuple

from vae.data.mnist import CLASSES, PIXELS, SIDE
from vae.errors import ParamsError
from vae.model.layers import BatchNorm, Conv, Dense, Dropout, Layer, MaxPool, Reshape, Shapes
from vae.params import Params

MAX_PARAMETERS = 10_000_000
"""They take 160 MB in training: weights, gradients and Adam's two moments, 4 bytes each."""


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
    return sum(math.prod(shape) for shape in _shapes(parts).values())


def shapes(params: Params) -> Shapes:
    """Name and shape of every tensor of a trained model with these parameters.

    Raises:
        ParamsError: as `architecture`.
    """
    return _shapes(architecture(params))


def _shapes(parts: Architecture) -> Shapes:
    return {name: shape for part in parts for layer in part for name, shape in layer.shapes.items()}


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
