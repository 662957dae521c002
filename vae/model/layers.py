"""The layers that an architecture consists of: their tensors, their output and their work.

Shapes of inputs and outputs leave out the batch. Work is counted in multiply-adds for one image,
those of a matrix product or a convolution; all other work is small.
"""

from typing import NamedTuple

Shape = tuple[int, ...]
Shapes = dict[str, Shape]

BATCH_NORM_EPSILON = 0.001
"""Added to the variance in a batch normalisation; Keras' default."""


class Dense(NamedTuple):
    """A fully connected layer: activation(x @ kernel + bias)."""

    name: str
    inputs: int
    units: int
    activation: str | None

    @property
    def shapes(self) -> Shapes:
        """The shape of each of the layer's tensors, by its name in a weights file."""
        return {
            f"{self.name}.kernel": (self.inputs, self.units),
            f"{self.name}.bias": (self.units,),
        }

    def output(self, _: Shape) -> Shape:
        """The shape of the output for an input of that shape."""
        return (self.units,)

    def work(self, _: Shape) -> int:
        """The multiply-adds for one image of that shape."""
        return self.inputs * self.units


class Conv(NamedTuple):
    """A convolution, padded with zeros: (h, w, inputs) → (⌈h/stride⌉, ⌈w/stride⌉, filters).

    Transposed: (h, w, inputs) → (h·stride, w·stride, filters).
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
        """As `Dense.shapes`."""
        ends = (self.inputs, self.filters)
        return {
            f"{self.name}.kernel": (
                self.size,
                self.size,
                *(ends[::-1] if self.transposed else ends),
            ),
            f"{self.name}.bias": (self.filters,),
        }

    def output(self, shape: Shape) -> Shape:
        """As `Dense.output`."""
        h, w, _ = shape
        if self.transposed:
            return h * self.stride, w * self.stride, self.filters
        return -(-h // self.stride), -(-w // self.stride), self.filters

    def work(self, shape: Shape) -> int:
        """As `Dense.work`: each position of the smaller image is combined with the kernel."""
        h, w, _ = shape if self.transposed else self.output(shape)
        return h * w * self.size**2 * self.inputs * self.filters


class BatchNorm(NamedTuple):
    """Batch normalisation: activation(gamma · (x − mean) / √(variance + ε) + beta), per channel.

    Mean and variance are the batch's in training and their moving averages afterwards; ε is
    `BATCH_NORM_EPSILON` (Ioffe & Szegedy, Batch Normalization, 2015).
    """

    name: str
    channels: int
    activation: str | None

    @property
    def shapes(self) -> Shapes:
        """As `Dense.shapes`."""
        tensors = ("gamma", "beta", "mean", "variance")
        return {f"{self.name}.{tensor}": (self.channels,) for tensor in tensors}

    def output(self, shape: Shape) -> Shape:
        """As `Dense.output`."""
        return shape

    def work(self, _: Shape) -> int:
        """As `Dense.work`."""
        return 0


class MaxPool(NamedTuple):
    """The largest of each 2 × 2 pixels: (h, w, c) → (⌊h/2⌋, ⌊w/2⌋, c)."""

    shapes: Shapes = {}  # noqa: RUF012

    def output(self, shape: Shape) -> Shape:
        """As `Dense.output`."""
        h, w, channels = shape
        return h // 2, w // 2, channels

    def work(self, _: Shape) -> int:
        """As `Dense.work`."""
        return 0


class Dropout(NamedTuple):
    """Sets a share `rate` of the units to 0 at random, in training only."""

    rate: float
    shapes: Shapes = {}  # noqa: RUF012

    def output(self, shape: Shape) -> Shape:
        """As `Dense.output`."""
        return shape

    def work(self, _: Shape) -> int:
        """As `Dense.work`."""
        return 0


class Reshape(NamedTuple):
    """The same numbers in another shape."""

    shape: Shape
    shapes: Shapes = {}  # noqa: RUF012

    def output(self, _: Shape) -> Shape:
        """As `Dense.output`."""
        return self.shape

    def work(self, _: Shape) -> int:
        """As `Dense.work`."""
        return 0


Layer = Dense | Conv | BatchNorm | MaxPool | Dropout | Reshape
