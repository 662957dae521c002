"""Which layers a model has. The Keras model and its NumPy twin are built from this one plan."""

import math
from typing import NamedTuple

from vae.data.mnist import CLASSES, PIXELS, SIDE
from vae.errors import ParamsError
from vae.params import Params

MAX_PARAMETERS = 10_000_000
"""Weights, gradients and Adam's two moments of so many take 160 MB."""

Shapes = dict[str, tuple[int, ...]]


class Dense(NamedTuple):
    """A fully connected layer: activation(x @ kernel + bias)."""

    name: str
    inputs: int
    units: int
    activation: str | None

    @property
    def shapes(self) -> Shapes:
        """The shape of each of the layer's tensors, by the name it has in a weights file."""
        return {
            f"{self.name}.kernel": (self.inputs, self.units),
            f"{self.name}.bias": (self.units,),
        }


class Conv(NamedTuple):
    """A convolution (n, h, w, inputs) → (n, h/stride, w/stride, filters), zeros around; or its
    transpose, (n, h, w, inputs) → (n, h·stride, w·stride, filters).
    """

    name: str
    inputs: int
    filters: int
    size: int
    stride: int
    activation: str | None
    transposed: bool = False

    @property
    def shapes(self) -> Shapes:
        """As of `Dense`."""
        ends = (self.inputs, self.filters)
        return {
            f"{self.name}.kernel": (
                self.size,
                self.size,
                *(ends[::-1] if self.transposed else ends),
            ),
            f"{self.name}.bias": (self.filters,),
        }


class BatchNorm(NamedTuple):
    """Each channel with the mean and variance of its batch, once trained those of training:
    activation(gamma · (x - mean) / √(variance + 0.001) + beta). Ioffe & Szegedy 2015.
    """

    name: str
    channels: int
    activation: str | None

    @property
    def shapes(self) -> Shapes:
        """As of `Dense`."""
        tensors = ("gamma", "beta", "mean", "variance")
        return {f"{self.name}.{array}": (self.channels,) for array in tensors}


class MaxPool(NamedTuple):
    """The largest of each 2 × 2 pixels: (n, h, w, c) → (n, ⌊h/2⌋, ⌊w/2⌋, c)."""

    shapes: Shapes = {}  # noqa: RUF012


class Dropout(NamedTuple):
    """In training, this share of the units is silent; afterwards nothing."""

    rate: float
    shapes: Shapes = {}  # noqa: RUF012


class Reshape(NamedTuple):
    """(n, …) → (n, *shape)."""

    shape: tuple[int, ...]
    shapes: Shapes = {}  # noqa: RUF012


Layer = Dense | Conv | BatchNorm | MaxPool | Dropout | Reshape


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
    """The plan: by default the report's three multilayer perceptrons; filters put convolutions
    between the image and the hidden layers of a part.

    Raises:
        ParamsError: if the model would have more than `MAX_PARAMETERS`.
    """
    stem, features = _stem(params)
    encoder, hidden = _hidden(
        "encoder", features + CLASSES * params.encoder_sees_label, params.encoder_layers, params
    )
    plan = Architecture(
        stem=stem,
        encoder=encoder,
        mu=[Dense("mu", hidden, params.z_dim, None)],
        log_var=[Dense("log_var", hidden, params.z_dim, None)],
        classifier=_classifier(params),
        decoder=_decoder(params),
    )
    if (count := count_parameters(plan)) > MAX_PARAMETERS:
        raise ParamsError(
            f"A model may have {MAX_PARAMETERS / 1e6:.0f} million weights at most; these layers "
            f"and filters make {count / 1e6:.1f} million."
        )
    return plan


def count_parameters(plan: Architecture) -> int:
    """How many numbers a model of that plan has to learn."""
    return sum(
        math.prod(shape) for part in plan for layer in part for shape in layer.shapes.values()
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
    """Convolutions 4 × 4 with stride 2; without filters the pixels as they are."""
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
    """Hidden layers; then, with filters, a small picture of that many channels that each
    transposed convolution doubles in size, and a last convolution.
    """
    widths = params.decoder_layers
    layers, units = _hidden("decoder", params.z_dim + CLASSES, widths, params)
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
    """Name and shape of every array of a trained model with these parameters."""
    return {
        name: shape
        for part in architecture(params)
        for layer in part
        for name, shape in layer.shapes.items()
    }
