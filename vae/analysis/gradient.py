"""The gradient of the loss on one image, and training steps with it, in NumPy.

Backpropagation through the layers of `vae.model.layers`, for showing what a training step does
without TensorFlow. The step differs from those of a training: it has one image instead of a batch;
the classifier's image is not augmented, no synthetic digits are added, nothing is dropped out;
batch normalisations keep their moving statistics; the consistency term is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from vae.analysis.bounds import digit_inputs, kl_per_dimension, log_likelihood
from vae.data.mnist import Floats, one_hot
from vae.model.architecture import architecture
from vae.model.layers import BatchNorm, Conv, Dense, Dropout, Layer, MaxPool, Reshape
from vae.model.numpy_layers import conv, max_pool, patches, transposed_conv
from vae.model.numpy_model import ACTIVATIONS, TrainedVAE, sigmoid, softmax
from vae.params import Params

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
"""Of Adam: Keras' defaults."""

Tensors = dict[str, Floats]
Backward = Callable[[Floats], Floats]
"""From the gradient of a chain's output to that of its input; stores those of its tensors."""

Step = Callable[[Floats], tuple[Floats, list[Floats]]]
"""From the gradient of a layer's output to that of its input and those of its tensors."""


class Terms(NamedTuple):
    """The loss and its terms, nats; `loss` is recon + β · kl + weight · cls."""

    loss: float
    recon: float
    kl: float
    cls: float


def loss_terms(model: TrainedVAE, x: Floats, digit: int, eps: Floats) -> Terms:
    """The loss on an image (784,) of that digit, the mean over z = mu + sigma · eps.

    Args:
        model: whose loss.
        x: the image.
        digit: its label.
        eps: (samples, z_dim).
    """
    x = x[None]
    digits = digit_inputs(model, x, [digit])
    mu, log_var = model.encode(x, digits.encoder)
    z = mu + np.exp(0.5 * log_var) * eps.astype(np.float32)
    logits = model.decode_logits(z, np.repeat(digits.decoder, len(z), 0))
    recon = -float(log_likelihood(model.params, x, logits).mean())
    kl = float(kl_per_dimension(mu, log_var).sum())
    digit_logits = model.classify(x)[0].astype(float)
    cls = float(np.logaddexp.reduce(digit_logits) - digit_logits[digit])
    params = model.params
    loss = recon + params.kl_weight * kl + params.digit_classification_weight * cls
    return Terms(loss, recon, kl, cls)


def gradients(model: TrainedVAE, x: Floats, digit: int, eps: Floats) -> Tensors:
    """The gradient of the loss on one image for each trainable tensor of the model.

    The decoder gets what it gets in training: with `decoder_sees` "predicted" the classifier's
    probabilities, so that the classifier has a gradient from the reconstruction, too.

    Args:
        model: at whose weights.
        x: the image, (784,).
        digit: its label.
        eps: (z_dim,), with which z is sampled.
    """
    params, found = model.params, dict[str, Floats]()
    parts = architecture(params)

    def run(layers: list[Layer], inputs: Floats) -> tuple[Floats, Backward]:
        return _forward(layers, inputs, model.tensors, found)

    x, label = x[None].astype(np.float32), one_hot([digit])
    digit_logits, into_classifier = run(parts.classifier, x)
    digit_prob = softmax(digit_logits)
    features, into_stem = run(parts.stem, x)
    joined = [features, label] if params.encoder_sees_label else [features]
    hidden, into_encoder = run(parts.encoder, np.concatenate(joined, 1))
    mu, into_mu = run(parts.mu, hidden)
    log_var, into_log_var = run(parts.log_var, hidden)
    noise = np.exp(0.5 * log_var) * eps.astype(np.float32)
    predicted = params.decoder_sees == "predicted"
    inputs = mu + noise
    if params.labelled:
        inputs = np.concatenate([inputs, digit_prob if predicted else label], 1)
    pixels, into_decoder = run(parts.decoder, inputs)

    d_inputs = into_decoder(_d_recon(params, x, sigmoid(pixels)))
    d_z, d_prob = np.split(d_inputs, [params.z_dim], 1)
    beta = np.float32(params.kl_weight)
    d_hidden = into_mu(d_z + beta * mu)
    d_hidden = d_hidden + into_log_var(0.5 * (d_z * noise + beta * (np.exp(log_var) - 1)))
    into_stem(into_encoder(d_hidden)[:, : features.shape[1]])
    d_logits = np.float32(params.digit_classification_weight) * (digit_prob - label)
    if predicted:
        d_logits += digit_prob * (d_prob - (d_prob * digit_prob).sum(1, keepdims=True))
    into_classifier(d_logits)
    return found


class Adam(NamedTuple):
    """A model in training, and the moments of Adam.

    Attributes:
        model: after these steps.
        steps: how many have been taken.
        first, second: moving averages of the gradients and of their squares, by tensor; empty
            before the first step.
    """

    model: TrainedVAE
    steps: int
    first: Tensors
    second: Tensors


def adam_step(before: Adam, x: Floats, digit: int, eps: Floats, rate: float) -> Adam:
    """A step of Adam on one image, as in Keras (Kingma & Ba 2015, end of section 2).

    Args:
        before: is not changed.
        x: the image, (784,).
        digit: its label.
        eps: (z_dim,), with which z is sampled.
        rate: the learning rate.
    """
    t = before.steps + 1
    size = np.float32(rate * np.sqrt(1 - BETA_2**t) / (1 - BETA_1**t))
    tensors: dict[str, Any] = dict(before.model.tensors)
    first, second = dict(before.first), dict(before.second)
    for name, gradient in gradients(before.model, x, digit, eps).items():
        first[name] = _moved(first.get(name), gradient, BETA_1)
        second[name] = _moved(second.get(name), gradient**2, BETA_2)
        tensors[name] = tensors[name] - size * first[name] / (np.sqrt(second[name]) + EPSILON)
    return Adam(replace(before.model, tensors=tensors), t, first, second)


def _moved(average: Floats | None, value: Floats, decay: float) -> Floats:
    old = 0 if average is None else average
    return np.asarray(old + (value - old) * np.float32(1 - decay), np.float32)


def _d_recon(params: Params, x: Floats, redrawn: Floats) -> Floats:
    """The gradient of `recon` for the decoder's logits."""
    difference = redrawn - x
    if params.likelihood == "bernoulli":
        return difference
    return difference / np.float32(params.decoder_std**2) * redrawn * (1 - redrawn)


def _forward(
    layers: list[Layer], x: Floats, tensors: Mapping[str, Floats], found: Tensors
) -> tuple[Floats, Backward]:
    """The output of a chain of layers, and the way back through it."""
    steps = []
    for layer in layers:
        x, step = _layer(layer, x, [tensors[name] for name in layer.shapes])
        steps.append((layer, step))

    def backward(d: Floats) -> Floats:
        for layer, step in reversed(steps):
            d, of_tensors = step(d)
            # A batch normalisation also has a mean and a variance, which have no gradient.
            found.update(zip(layer.shapes, of_tensors, strict=False))
        return d

    return x, backward


def _layer(layer: Layer, x: Floats, tensors: list[Floats]) -> tuple[Floats, Step]:
    """The output of a layer, and from the gradient of it those of its input and its tensors."""
    match layer:
        case Dropout():  # Nothing is dropped out.
            return x, lambda d: (d, [])
        case Reshape():
            return x.reshape(-1, *layer.shape), lambda d: (d.reshape(x.shape), [])
        case MaxPool():
            return max_pool(x), lambda d: (_into_max_pool(x, d), [])
        case Dense():
            linear, step = _dense(x, *tensors)
        case Conv(transposed=True):
            linear, step = _transposed_conv(x, layer.stride, *tensors)
        case Conv():
            linear, step = _conv(x, layer.stride, *tensors)
        case BatchNorm():
            linear, step = _batch_norm(x, layer.epsilon, *tensors)
    slope = _SLOPES[layer.activation](linear)
    return ACTIVATIONS[layer.activation](linear), lambda d: step(d * slope)


def _dense(x: Floats, kernel: Floats, bias: Floats) -> tuple[Floats, Step]:
    return x @ kernel + bias, lambda d: (d @ kernel.T, [x.T @ d, d.sum(0)])


def _batch_norm(
    x: Floats, epsilon: float, gamma: Floats, beta: Floats, mean: Floats, variance: Floats
) -> tuple[Floats, Step]:
    deviation = np.sqrt(variance + np.float32(epsilon))
    normal = (x - mean) / deviation
    return normal * gamma + beta, lambda d: (
        d * gamma / deviation,
        [(d * normal).sum((0, 1, 2)), d.sum((0, 1, 2))],
    )


def _conv(x: Floats, stride: int, kernel: Floats, bias: Floats) -> tuple[Floats, Step]:
    def back(d: Floats) -> tuple[Floats, list[Floats]]:
        # A transposed convolution is the gradient of one. If the stride does not divide the
        # side, its image is a pixel too large.
        d_x = transposed_conv(d, kernel, stride)[:, : x.shape[1], : x.shape[2]]
        d_kernel = np.tensordot(patches(x, len(kernel), stride), d, ((0, 1, 2), (0, 1, 2)))
        return d_x, [d_kernel, d.sum((0, 1, 2))]

    return conv(x, kernel, stride) + bias, back


def _transposed_conv(x: Floats, stride: int, kernel: Floats, bias: Floats) -> tuple[Floats, Step]:
    def back(d: Floats) -> tuple[Floats, list[Floats]]:
        d_kernel = np.tensordot(patches(d, len(kernel), stride), x, ((0, 1, 2), (0, 1, 2)))
        return conv(d, kernel, stride), [d_kernel, d.sum((0, 1, 2))]

    return transposed_conv(x, kernel, stride) + bias, back


def _into_max_pool(x: Floats, d: Floats) -> Floats:
    """The gradient goes to the first of the largest of each 2 × 2 pixels."""
    n, h, w, channels = d.shape
    blocks = x[:, : 2 * h, : 2 * w].reshape(n, h, 2, w, 2, channels).transpose(0, 1, 3, 5, 2, 4)
    first = blocks.reshape(n, h, w, channels, 4).argmax(-1)
    spread = (np.arange(4) == first[..., None]) * d[..., None]
    spread = spread.reshape(n, h, w, channels, 2, 2).transpose(0, 1, 4, 2, 5, 3)
    d_x = np.zeros_like(x)
    d_x[:, : 2 * h, : 2 * w] = spread.reshape(n, 2 * h, 2 * w, channels)
    return d_x


def _gelu_slope(x: Floats) -> Floats:
    root = np.float32(np.sqrt(2 / np.pi))
    tanh = np.tanh(root * (x + 0.044715 * x**3))
    return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh**2) * root * (1 + 3 * 0.044715 * x**2)


_SLOPES: Mapping[str | None, Callable[[Floats], Floats]] = {
    None: np.ones_like,
    "sigmoid": lambda x: sigmoid(x) * (1 - sigmoid(x)),
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "relu": lambda x: (x > 0).astype(np.float32),
    "gelu": _gelu_slope,
    "silu": lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
}
"""The derivative of each activation, for the numbers that go into it."""
