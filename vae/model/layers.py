"""The layers that an architecture consists of: their tensors, their output and their work.

Shapes of inputs and outputs leave out the batch. Work is counted in multiply-adds for one image,
those of a matrix product or a convolution; all other work is small.
"""

from dataclasses import dataclass

Shape = tuple[int, ...]
Shapes = dict[str, Shape]


class _Plain:
    """A layer without tensors, whose output has the shape of its input."""

    @property
    def shapes(self) -> Shapes:
        """The shape of each of the layer's tensors, by its name in a weights file."""
        return {}

    def output(self, shape: Shape) -> Shape:
        """The shape of the output for an input of that shape."""
        return shape

    def work(self, shape: Shape) -> int:
        """The multiply-adds for one image of that shape."""
        return 0


@dataclass(frozen=True)
class Dense(_Plain):
    """A fully connected layer: activation(x @ kernel + bias)."""

    name: str
    inputs: int
    units: int
    activation: str | None

    @property
    def shapes(self) -> Shapes:
        kernel = (self.inputs, self.units)
        return {f"{self.name}.kernel": kernel, f"{self.name}.bias": (self.units,)}

    def output(self, shape: Shape) -> Shape:
        return (self.units,)

    def work(self, shape: Shape) -> int:
        return self.inputs * self.units


@dataclass(frozen=True)
class Conv(_Plain):
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
        ends = (self.inputs, self.filters)
        kernel = (self.size, self.size, *(ends[::-1] if self.transposed else ends))
        return {f"{self.name}.kernel": kernel, f"{self.name}.bias": (self.filters,)}

    def output(self, shape: Shape) -> Shape:
        h, w, _ = shape
        if self.transposed:
            return h * self.stride, w * self.stride, self.filters
        return -(-h // self.stride), -(-w // self.stride), self.filters

    def work(self, shape: Shape) -> int:
        """The kernel is applied at each position of the smaller of input and output."""
        h, w, _ = shape if self.transposed else self.output(shape)
        return h * w * self.size**2 * self.inputs * self.filters


@dataclass(frozen=True)
class BatchNorm(_Plain):
    """Batch normalisation: activation(gamma · (x − mean) / √(variance + ε) + beta), per channel.

    Mean and variance are the batch's in training and their moving averages afterwards
    (Ioffe & Szegedy, Batch Normalization, 2015).
    """

    name: str
    channels: int
    activation: str | None
    epsilon: float = 0.001
    """ε; Keras' default."""

    @property
    def shapes(self) -> Shapes:
        tensors = ("gamma", "beta", "mean", "variance")
        return {f"{self.name}.{tensor}": (self.channels,) for tensor in tensors}


@dataclass(frozen=True)
class MaxPool(_Plain):
    """The largest of each 2 × 2 pixels: (h, w, c) → (⌊h/2⌋, ⌊w/2⌋, c)."""

    def output(self, shape: Shape) -> Shape:
        h, w, channels = shape
        return h // 2, w // 2, channels


@dataclass(frozen=True)
class Dropout(_Plain):
    """Sets a share `rate` of the units to 0 at random, in training only."""

    rate: float


@dataclass(frozen=True)
class Reshape(_Plain):
    """The same numbers in another shape."""

    shape: Shape

    def output(self, shape: Shape) -> Shape:
        return self.shape


Layer = Dense | Conv | BatchNorm | MaxPool | Dropout | Reshape
