"""Which layers a model has. The Keras model and its NumPy twin are built from this one plan."""

from typing import NamedTuple

from vae.params import Params

PIXELS = 784
SIDE = 28
DIGITS = 10


class Dense(NamedTuple):
    """A fully connected layer: activation(x @ kernel + bias)."""

    name: str
    inputs: int
    units: int
    activation: str | None

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each of the layer's arrays, by the name it has in a weights file."""
        return {
            f"{self.name}.kernel": (self.inputs, self.units),
            f"{self.name}.bias": (self.units,),
        }


class Architecture(NamedTuple):
    """The parts of the model, each a chain of layers."""

    encoder: list[Dense]
    mu: list[Dense]
    log_var: list[Dense]
    classifier: list[Dense]
    decoder: list[Dense]


def architecture(params: Params) -> Architecture:
    """The report's model: three multilayer perceptrons, of which the encoder has two heads."""

    def chain(
        part: str, inputs: int, hidden: tuple[int, ...], output: tuple[int, str | None] | None
    ) -> list[Dense]:
        widths: list[tuple[int, str | None]] = [(units, params.activation) for units in hidden]
        layers = []
        for i, (units, activation) in enumerate([*widths, output] if output else widths):
            layers.append(Dense(f"{part}.{i}", inputs, units, activation))
            inputs = units
        return layers

    features = params.encoder_layers[-1]
    return Architecture(
        encoder=chain("encoder", PIXELS, params.encoder_layers, None),
        mu=[Dense("mu", features, params.z_dim, None)],
        log_var=[Dense("log_var", features, params.z_dim, None)],
        classifier=chain("classifier", PIXELS, params.digit_classification_layers, (DIGITS, None)),
        decoder=chain("decoder", params.z_dim + DIGITS, params.decoder_layers, (PIXELS, "sigmoid")),
    )


def shapes(params: Params) -> dict[str, tuple[int, ...]]:
    """Name and shape of every array of a trained model with these parameters."""
    return {
        name: shape
        for part in architecture(params)
        for layer in part
        for name, shape in layer.shapes.items()
    }
