"""The training step in JAX, one call for each or a scan over many."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.ndimage import map_coordinates

from vae.data import augment
from vae.data.mnist import CLASSES, PIXELS, SIDE, Examples
from vae.model.architecture import architecture
from vae.model.layers import BATCH_NORM_EPSILON, BatchNorm, Conv, Dense, Dropout, Layer, Reshape
from vae.params import Params

Tensors = dict[str, jax.Array]

_ACTIVATIONS: Mapping[str | None, Callable[[jax.Array], jax.Array]] = {
    None: lambda x: x,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "gelu": jax.nn.gelu,
}
_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-7
_MOMENTUM = 0.99
_LAYOUT = ("NHWC", "HWIO", "NHWC")


class Step:
    """The model, its optimizer and its training images.

    Args:
        params: what to train.
        tensors: its weights, named as in a weights file.
        examples: the training images.
        scanned: whether many steps are one compiled call; otherwise each step is one.
    """

    def __init__(
        self, params: Params, tensors: Mapping[str, Any], examples: Examples, scanned: bool = True
    ) -> None:
        self.params, self.parts = params, architecture(params)
        tensors = {name: jnp.asarray(array) for name, array in tensors.items()}
        moving = {n: t for n, t in tensors.items() if n.endswith((".mean", ".variance"))}
        weights = {name: tensor for name, tensor in tensors.items() if name not in moving}
        first, second = (jax.tree.map(jnp.zeros_like, weights) for _ in range(2))
        # The cheapest generator, as the app's Philox is for XLA.
        key = jax.random.key(params.seed, impl="rbg")
        self._state = (weights, moving, first, second, jnp.zeros((), jnp.int32), key)
        self._images, self._labels = jnp.asarray(examples.x), jnp.asarray(examples.y, jnp.int32)
        self._scan = jax.jit(self._steps, static_argnums=3, donate_argnums=0)
        self._scanned = scanned

    def steps(self, count: int) -> float:
        """Take some steps on random batches; the mean loss of the last call."""
        calls, each = (1, count) if self._scanned else (count, 1)
        for _ in range(calls):
            self._state, loss = self._scan(self._state, self._images, self._labels, each)
        return float(loss)

    def _steps(
        self, state: Any, images: jax.Array, labels: jax.Array, count: int
    ) -> tuple[Any, jax.Array]:
        batch, extra = self.params.batch_size, self.params.synthetic_per_batch

        def step(state: Any, _: None) -> tuple[Any, jax.Array]:
            weights, moving, first, second, done, key = state
            key, rows_key, loss_key = jax.random.split(key, 3)
            rows = jax.random.randint(rows_key, (batch + extra,), 0, len(images))
            (loss, moving), gradients = jax.value_and_grad(self.loss, has_aux=True)(
                weights, moving, images[rows], labels[rows], loss_key
            )
            done += 1
            first = jax.tree.map(lambda m, g: _BETA1 * m + (1 - _BETA1) * g, first, gradients)
            second = jax.tree.map(lambda v, g: _BETA2 * v + (1 - _BETA2) * g * g, second, gradients)
            rate = self.params.learning_rate
            rate *= jnp.sqrt(1 - _BETA2**done) / (1 - _BETA1**done)
            weights = jax.tree.map(
                lambda w, m, v: w - rate * m / (jnp.sqrt(v) + _EPSILON), weights, first, second
            )
            return (weights, moving, first, second, done, key), loss

        state, losses = jax.lax.scan(step, state, length=count)
        return state, losses.mean()

    def loss(
        self, weights: Tensors, moving: Tensors, images: jax.Array, labels: jax.Array, key: Any
    ) -> tuple[jax.Array, Tensors]:
        """As `VAE.loss_terms`, in training: the loss and the new moving averages.

        Args:
            weights: trained tensors.
            moving: the moving averages of batch normalisations.
            images: the batch and, behind it, what is added for the classifier: (n + m, 784).
            labels: their digits (n + m,).
            key: of the random numbers.
        """
        params, n = self.params, self.params.batch_size
        affine_key, dropout_key, z_key, own_key = jax.random.split(key, 4)
        x, y = images[:n], labels[:n]
        label = jax.nn.one_hot(y, CLASSES)
        if params.augmentation:
            images = _random_affine(images, affine_key, params.augmentation)
        updates: Tensors = {}
        run = partial(self._run, weights, moving)
        logits = run("classifier", images, dropout_key, updates)
        cls = _cross_entropy(logits, labels)
        mu, log_var = self.encode(weights, x, label)
        z = mu + jnp.exp(0.5 * log_var) * jax.random.normal(z_key, mu.shape)
        digits = label if params.decoder_sees == "label" else jax.nn.softmax(logits[:n])
        pixels = self._decode(weights, z, digits)
        if params.likelihood == "gaussian":
            squares = jnp.square(x - jax.nn.sigmoid(pixels)).sum(1)
            recon = squares.mean() / (2 * params.decoder_std**2)
        else:
            recon = (jax.nn.softplus(pixels) - x * pixels).sum(1).mean()
        loss = recon + params.kl_weight * kl_divergence(mu, log_var).mean()
        loss += params.digit_classification_weight * cls
        if params.consistent:
            quarter = n // 4
            half = 2 * quarter
            random = jax.random.normal(own_key, (quarter, params.z_dim))
            z = jnp.concatenate([random, jax.lax.stop_gradient(z[quarter:half])])
            others = (y[:half] + 1 + jnp.arange(half) % 9) % CLASSES
            decoded = jax.nn.sigmoid(self._decode(weights, z, jax.nn.one_hot(others, CLASSES)))
            constant = jax.lax.stop_gradient(weights)
            read = self._run(constant, moving, "classifier", decoded)
            loss += params.consistency_weight * _cross_entropy(read, others)
        return loss, {**moving, **updates}

    def encode(
        self, weights: Tensors, x: jax.Array, label: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        """Images (n, 784), labels (n, 10) → mu and log_var, each (n, z_dim)."""
        run = partial(self._run, weights, {})
        h = run("stem", x)
        if self.params.encoder_sees_label:
            h = jnp.concatenate([h, label], 1)
        h = run("encoder", h)
        return run("mu", h), run("log_var", h)

    def classify(self, weights: Tensors, moving: Tensors, x: jax.Array) -> jax.Array:
        """Images (n, 784) → logits (n, 10), as after the training."""
        return self._run(weights, moving, "classifier", x)

    def _decode(self, weights: Tensors, z: jax.Array, digits: jax.Array) -> jax.Array:
        inputs = jnp.concatenate([z, digits], 1) if self.params.labelled else z
        return self._run(weights, {}, "decoder", inputs)

    def _run(
        self,
        weights: Tensors,
        moving: Tensors,
        part: str,
        x: jax.Array,
        key: Any = None,
        updates: Tensors | None = None,
    ) -> jax.Array:
        layers: list[Layer] = getattr(self.parts, part)
        for layer in layers:
            if isinstance(layer, Dropout):
                if key is not None:
                    key, own = jax.random.split(key)
                    keep = jax.random.uniform(own, x.shape) >= layer.rate
                    x = jnp.where(keep, x / (1 - layer.rate), 0)
            elif isinstance(layer, BatchNorm):
                x = _batch_norm(layer, weights, moving, x, updates)
            else:
                x = _apply(layer, weights, x)
        return x


def kl_divergence(mu: jax.Array, log_var: jax.Array) -> jax.Array:
    """KL(N(mu, exp(log_var)) ‖ N(0, I)): (n, z_dim) → (n,) nats."""
    return -0.5 * (1 + log_var - jnp.square(mu) - jnp.exp(log_var)).sum(1)


def _cross_entropy(logits: jax.Array, digits: jax.Array) -> jax.Array:
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), digits[:, None], 1)
    return -chosen.mean()


def _apply(layer: Layer, weights: Tensors, x: jax.Array) -> jax.Array:
    if isinstance(layer, Reshape):
        return x.reshape(-1, *layer.shape)
    if isinstance(layer, Dense):
        x = x @ weights[f"{layer.name}.kernel"] + weights[f"{layer.name}.bias"]
    elif isinstance(layer, Conv):
        kernel, strides = weights[f"{layer.name}.kernel"], (layer.stride, layer.stride)
        if layer.transposed:
            x = jax.lax.conv_transpose(
                x, kernel, strides, "SAME", dimension_numbers=_LAYOUT, transpose_kernel=True
            )
        else:
            x = jax.lax.conv_general_dilated(x, kernel, strides, "SAME", dimension_numbers=_LAYOUT)
        x += weights[f"{layer.name}.bias"]
    else:
        zero = (1, 2, 2, 1)
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, zero, zero, "VALID")
    return _ACTIVATIONS[layer.activation](x)


def _batch_norm(
    layer: BatchNorm, weights: Tensors, moving: Tensors, x: jax.Array, updates: Tensors | None
) -> jax.Array:
    names = f"{layer.name}.mean", f"{layer.name}.variance"
    mean, variance = moving[names[0]], moving[names[1]]
    if updates is not None:
        now = x.mean((0, 1, 2)), x.var((0, 1, 2))
        for name, before, value in zip(names, (mean, variance), now, strict=True):
            updates[name] = _MOMENTUM * before + (1 - _MOMENTUM) * jax.lax.stop_gradient(value)
        mean, variance = now
    scale = weights[f"{layer.name}.gamma"] * jax.lax.rsqrt(variance + BATCH_NORM_EPSILON)
    return _ACTIVATIONS[layer.activation]((x - mean) * scale + weights[f"{layer.name}.beta"])


def _random_affine(x: jax.Array, key: Any, strength: float) -> jax.Array:
    """As `vae.data.augment.random_affine`: (n, 784) → (n, 784)."""
    u = strength * (2 * jax.random.uniform(key, (7, len(x))) - 1)
    angle, shear = u[0] * augment.MAX_ANGLE, u[1] * augment.MAX_SHEAR
    dx, dy = u[2] * augment.MAX_SHIFT, u[3] * augment.MAX_SHIFT
    x_scale, y_scale = 1 + u[4] * augment.MAX_SCALE, 1 + u[5] * augment.MAX_SCALE
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    a, b = x_scale * cos, x_scale * (shear * cos - sin)
    c, d = y_scale * sin, y_scale * (shear * sin + cos)
    middle = (SIDE - 1) / 2
    rows, columns = jnp.mgrid[:SIDE, :SIDE] - middle

    def one(image: jax.Array, a: Any, b: Any, c: Any, d: Any, dx: Any, dy: Any) -> jax.Array:
        across = a * columns + b * rows + middle + dx
        down = c * columns + d * rows + middle + dy
        return map_coordinates(image, [down, across], order=1)

    images = jax.vmap(one)(x.reshape(-1, SIDE, SIDE), a, b, c, d, dx, dy)
    return images.reshape(-1, PIXELS)
