"""The trained model in NumPy, for use without TensorFlow.

It has the methods and shapes of the Keras model `vae.VAE` and computes the same up to
float32 rounding (see tests/model/test_model.py).
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae.data.examples import as_digits, as_image, check_z
from vae.data.mnist import Floats, one_hot
from vae.model.architecture import Architecture, architecture
from vae.model.layers import BatchNorm, Conv, Dense, Dropout, Layer, MaxPool, Reshape
from vae.model.numpy_layers import conv, max_pool, transposed_conv
from vae.params import Params

BATCH = 1000
"""Images that are computed at a time: their pixels and convolutions fit into memory."""


def batches(count: int) -> Iterator[slice]:
    """The rows of so many images, `BATCH` at a time."""
    for start in range(0, count, BATCH):
        yield slice(start, min(start + BATCH, count))


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), computed without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def _gelu(x: Floats) -> Floats:
    # The tanh form of Hendrycks & Gimpel 2016, section 2. In place and without a power, it takes a
    # fifth of the time or less.
    y = x * x
    y *= 0.044715
    y += 1
    y *= x
    y *= np.float32(np.sqrt(2 / np.pi))
    np.tanh(y, out=y)
    y += 1
    y *= x
    y *= 0.5
    return y


ACTIVATIONS: Mapping[str | None, Callable[[Floats], Floats]] = {
    None: lambda x: x,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0, out=x),
    "gelu": _gelu,
    "silu": lambda x: x * sigmoid(x),
}


def softmax(logits: NDArray[Any]) -> NDArray[Any]:
    """Probabilities along the last axis, of the type of the logits."""
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


@dataclass(frozen=True, eq=False)
class Answer:
    """The digit that one image shows.

    Attributes:
        digit, runner_up: the two likeliest digits.
        sure: whether the confidence is at least the model's `sure_above`.
        digit_prob: calibrated probabilities of the digits, (10,).
    """

    digit: int
    runner_up: int
    sure: bool
    digit_prob: Floats

    @property
    def confidence(self) -> float:
        """The probability of `digit`."""
        return float(self.digit_prob[self.digit])


@dataclass(frozen=True, eq=False)
class Prediction(Answer):
    """The digit, the latent code and the reconstruction of one image.

    Attributes:
        mu, sigma: mean and standard deviation of q(z | x), each (z_dim,).
        reconstructed: decoded from z = mu, (784,) in [0, 1].
    """

    mu: Floats
    sigma: Floats
    reconstructed: Floats


class DigitGaussians(NamedTuple):
    """A Gaussian for each digit, fitted to the z of the training images of that digit.

    Attributes:
        mean: (10, z_dim) float32.
        root: symmetric square roots of the covariances, (10, z_dim, z_dim) float32:
            mean[y] + eps @ root[y] with eps ~ N(0, I) is a sample of digit y's Gaussian.
    """

    mean: Floats
    root: Floats


SURE_ACCURACY = 0.99
"""Accuracy that the answers with a confidence from `TrainedVAE.sure_above` on must have."""

MAX_CONTRAST = 4.0
"""Above it images would be black and white, with hardly a gray pixel."""

SURE_ABOVE = 0.9
"""The `sure_above` of a model for which it was not measured."""


@dataclass(frozen=True, eq=False)
class TrainedVAE:
    """A trained VAE, conditional or not; immutable, safe to share between threads.

    Attributes:
        params: its layers and how it was trained.
        tensors: name → float32 array; names and shapes as in `vae.model.architecture.shapes`.
        metrics: calibration and metrics on the test set, as from
            `vae.analysis.evaluation.with_metrics`.
        history: a dict for each epoch: `epoch`, the loss terms and, with `val_`, those of the
            test set.
        digit_gaussians: where the training images of each digit lie in the latent space; None
            if that was not measured.
        knob_names: what people call some of the latent dimensions, such as {3: "slant"}.

    Raises:
        ParamsError: if the parameters make too large a model.
    """

    params: Params
    tensors: Mapping[str, Floats]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    digit_gaussians: DigitGaussians | None = None
    knob_names: Mapping[int, str] = field(default_factory=dict)
    _architecture: Architecture = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for array in (*self.tensors.values(), *(self.digit_gaussians or ())):
            array.setflags(write=False)
        object.__setattr__(self, "_architecture", architecture(self.params))

    @property
    def labelled(self) -> bool:
        """Whether the decoder gets a digit in addition to z; if not, `decode` ignores it."""
        return self.params.labelled

    def digest(self) -> str:
        """Of all weights by their names: SHA-256, in hexadecimal."""
        state = hashlib.sha256()
        for name in sorted(self.tensors):
            state.update(name.encode())
            state.update(np.ascontiguousarray(self.tensors[name]).tobytes())
        return state.hexdigest()

    def encode(self, x: ArrayLike, digit_prob: ArrayLike | None = None) -> tuple[Floats, Floats]:
        """Images (n, 784) → mu and log_var of q(z | x), each (n, z_dim).

        An encoder that sees the label gets digit_prob (n, 10) in its place; by default the
        classifier's probabilities.
        """
        h = self._run(self._architecture.stem, np.asarray(x, np.float32))
        if self.params.encoder_sees_label:
            if digit_prob is None:
                digit_prob = softmax(self.classify(x))
            h = np.concatenate([h, np.asarray(digit_prob, np.float32)], axis=1)
        h = self._run(self._architecture.encoder, h)
        return self._run(self._architecture.mu, h), self._run(self._architecture.log_var, h)

    def reparameterize(
        self, mu: Floats, log_var: Floats, rng: np.random.Generator | None = None
    ) -> Floats:
        """A sample z = mu + sigma · eps, eps ~ N(0, I): (n, z_dim) → (n, z_dim)."""
        rng = rng or np.random.default_rng()
        return mu + np.exp(0.5 * log_var) * rng.standard_normal(mu.shape, np.float32)

    def decode(self, z: ArrayLike, digit_prob: ArrayLike, contrast: float = 1.0) -> Floats:
        """Latents (n, z_dim) and digit probabilities (n, 10) → images (n, 784) in [0, 1].

        `contrast` multiplies the decoder's logits, for display: above 1, gray pixels become
        whiter or blacker. The images that the model was trained to decode have a contrast of 1.
        """
        return sigmoid(np.float32(contrast) * self.decode_logits(z, digit_prob))

    def decode_logits(self, z: ArrayLike, digit_prob: ArrayLike) -> Floats:
        """As `decode`, before the sigmoid."""
        inputs = np.asarray(z, np.float32)
        if self.labelled:
            inputs = np.concatenate([inputs, np.asarray(digit_prob)], axis=1)
        return self._run(self._architecture.decoder, inputs.astype(np.float32, copy=False))

    def classify(self, x: ArrayLike) -> Floats:
        """Images (n, 784) → digit logits (n, 10)."""
        return self._run(self._architecture.classifier, np.asarray(x, np.float32))

    def calibrated(self, digit_logits: Floats) -> Floats:
        """Digit logits (n, 10) → probabilities at the model's temperature, 1 if not measured.

        The temperature makes the mean confidence match the accuracy (see
        `vae.analysis.calibration.calibrate`).
        """
        return softmax(digit_logits / np.float32(self.metrics.get("temperature", 1.0)))

    @property
    def sure_above(self) -> float:
        """The confidence from which on an answer counts as sure: measured, else `SURE_ABOVE`."""
        return float(self.metrics.get("sure_above", SURE_ABOVE))

    def call(
        self, x: ArrayLike, rng: np.random.Generator | None = None
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Images (n, 784) → reconstructed (n, 784), mu, log_var (n, z_dim), logits (n, 10)."""
        digit_logits = self.classify(x)
        digit_prob = softmax(digit_logits)
        mu, log_var = self.encode(x, digit_prob)
        z = self.reparameterize(mu, log_var, rng)
        return self.decode(z, digit_prob), mu, log_var, digit_logits

    __call__ = call

    def generate(self, digit: int, z: ArrayLike | None = None) -> Floats:
        """An image (n, 784) of the digit for each row of z (n, z_dim); for one random z if None.

        Without labels it is whatever z is decoded to.

        Raises:
            UsageError: if the digit is none, or z has another length.
        """
        as_digits([digit])
        if z is None:
            z = np.random.default_rng().standard_normal((1, self.params.z_dim), np.float32)
        z = np.atleast_2d(np.asarray(z, np.float32))
        check_z(z.shape, self.params.z_dim)
        return self.decode(z, one_hot(np.full(len(z), digit)))

    def answer(self, x: ArrayLike) -> Answer:
        """Classify one image, (784,) or (28, 28); white on black, from 0 to 1 or uint8.

        Raises:
            UsageError: if it is none.
        """
        return self._answer(self.classify(as_image(x)[None]))

    def predict(self, x: ArrayLike) -> Prediction:
        """Classify, encode and reconstruct one image; see `answer`."""
        x = as_image(x)[None]
        logits = self.classify(x)
        digit_prob = softmax(logits)
        mu, log_var = self.encode(x, digit_prob)
        reconstructed = self.decode(mu, digit_prob)[0]
        sigma = np.exp(0.5 * log_var[0])
        return Prediction(
            **vars(self._answer(logits)), mu=mu[0], sigma=sigma, reconstructed=reconstructed
        )

    def _answer(self, logits: Floats) -> Answer:
        digit_prob = self.calibrated(logits)[0]
        digit, runner_up = np.argsort(-digit_prob)[:2].tolist()
        return Answer(digit, runner_up, bool(digit_prob[digit] >= self.sure_above), digit_prob)

    def _run(self, layers: list[Layer], x: Floats) -> Floats:
        if any(isinstance(layer, Conv) for layer in layers):
            parts = np.array_split(x, max(1, -(-len(x) // _CONV_BATCH)))
            return np.concatenate([self._chain(layers, part) for part in parts])
        return self._chain(layers, x)

    def _chain(self, layers: list[Layer], x: Floats) -> Floats:
        for layer in layers:
            x = _apply(layer, x, [self.tensors[name] for name in layer.shapes])
        return x


_CONV_BATCH = 8
"""Images that are convolved at a time: their activations fit into the processor's cache."""


def _apply(layer: Layer, x: Floats, tensors: list[Floats]) -> Floats:
    match layer:
        case MaxPool():
            return max_pool(x)
        case Reshape():
            return x.reshape(-1, *layer.shape)
        case Dropout():  # In training only.
            return x
        case BatchNorm():
            gamma, beta, mean, variance = tensors
            scale = gamma / np.sqrt(variance + np.float32(layer.epsilon))
            x, bias = x * scale, beta - mean * scale
        case Dense():
            kernel, bias = tensors
            x = x @ kernel
        case Conv():
            kernel, bias = tensors
            x = (transposed_conv if layer.transposed else conv)(x, kernel, layer.stride)
    x += bias  # In place, as in the ReLU: nothing else refers to this x.
    return ACTIVATIONS[layer.activation](x)
