"""The training step in PyTorch, eager or compiled."""

from collections.abc import Callable, Mapping

import torch
from torch.nn import functional as F

from vae.data import augment
from vae.data.mnist import CLASSES, PIXELS, SIDE, Examples
from vae.model.architecture import architecture
from vae.model.layers import BATCH_NORM_EPSILON, BatchNorm, Conv, Dense, Dropout, Layer, Reshape
from vae.params import Params

Tensors = dict[str, torch.Tensor]

_ACTIVATIONS: Mapping[str | None, Callable[[torch.Tensor], torch.Tensor]] = {
    None: lambda x: x,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "gelu": lambda x: F.gelu(x, approximate="tanh"),
}


def from_keras(tensors: Mapping[str, object]) -> Tensors:
    """Tensors named as in a weights file, in PyTorch's layouts."""
    found = {}
    for name, array in tensors.items():
        tensor = torch.tensor(array)
        if name.endswith("kernel"):
            tensor = tensor.permute(3, 2, 0, 1) if tensor.ndim == 4 else tensor.T.contiguous()
        found[name] = tensor
    return found


class Step:
    """The model, its optimizer and its training images.

    Args:
        params: what to train.
        tensors: its weights, see `from_keras`.
        examples: the training images.
        compiled: whether the loss is compiled with `torch.compile`.
    """

    def __init__(
        self, params: Params, tensors: Tensors, examples: Examples, compiled: bool = False
    ) -> None:
        self.params, self.parts = params, architecture(params)
        self.moving = {n: t for n, t in tensors.items() if n.endswith((".mean", ".variance"))}
        self.weights = {
            name: tensor.requires_grad_()
            for name, tensor in tensors.items()
            if name not in self.moving
        }
        self._images = torch.tensor(examples.x)
        self._labels = torch.tensor(examples.y).long()
        self._optimizer = torch.optim.Adam(
            self.weights.values(), params.learning_rate, eps=1e-7, foreach=True
        )
        self._loss = torch.compile(self.loss) if compiled else self.loss

    def steps(self, count: int) -> float:
        """Take some steps on random batches; the last one's loss."""
        for rows in torch.randint(len(self._images), (count, self.params.batch_size)):
            extra = torch.randint(len(self._images), (self.params.synthetic_per_batch,))
            x, y = self._images[rows], self._labels[rows]
            loss = self._loss(x, y, self._images[extra], self._labels[extra])
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
        return float(loss.detach())

    def loss(
        self, x: torch.Tensor, y: torch.Tensor, extra_x: torch.Tensor, extra_y: torch.Tensor
    ) -> torch.Tensor:
        """As `VAE.loss_terms`, in training: images (n, 784), digits (n,), and those added to them
        for the classifier, (m, 784) and (m,) → the loss, a scalar.
        """
        params, label = self.params, F.one_hot(y, CLASSES).float()
        images, targets = torch.cat([x, extra_x]), torch.cat([y, extra_y])
        if params.augmentation:
            images = _random_affine(images, params.augmentation)
        logits = self._run("classifier", images, training=True)
        cls = F.cross_entropy(logits, targets)
        mu, log_var = self.encode(x, label)
        z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
        digits = label if params.decoder_sees == "label" else F.softmax(logits[: len(x)], 1)
        pixels = self._decode(z, digits)
        if params.likelihood == "gaussian":
            squares = (x - torch.sigmoid(pixels)).square().sum(1)
            recon = squares.mean() / (2 * params.decoder_std**2)
        else:
            recon = F.binary_cross_entropy_with_logits(pixels, x, reduction="none").sum(1).mean()
        loss = recon + params.kl_weight * kl_divergence(mu, log_var).mean()
        loss = loss + params.digit_classification_weight * cls
        if params.consistent:
            loss = loss + params.consistency_weight * self._consistency(z, y)
        return loss

    def encode(self, x: torch.Tensor, label: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (n, 784), labels (n, 10) → mu and log_var, each (n, z_dim)."""
        h = self._run("stem", x)
        if self.params.encoder_sees_label:
            h = torch.cat([h, label], 1)
        h = self._run("encoder", h)
        return self._run("mu", h), self._run("log_var", h)

    def classify(self, x: torch.Tensor) -> torch.Tensor:
        """Images (n, 784) → logits (n, 10), as after the training."""
        return self._run("classifier", x)

    def _decode(self, z: torch.Tensor, digits: torch.Tensor) -> torch.Tensor:
        return self._run("decoder", torch.cat([z, digits], 1) if self.params.labelled else z)

    def _consistency(self, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        quarter = len(z) // 4
        half = 2 * quarter
        z = torch.cat([torch.randn_like(z[:quarter]), z[quarter:half].detach()])
        digits = (y[:half] + 1 + torch.arange(half) % 9) % CLASSES
        decoded = torch.sigmoid(self._decode(z, F.one_hot(digits, CLASSES).float()))
        return F.cross_entropy(self._run("classifier", decoded, constant=True), digits)

    def _run(
        self, part: str, x: torch.Tensor, training: bool = False, constant: bool = False
    ) -> torch.Tensor:
        layers: list[Layer] = getattr(self.parts, part)
        for layer in layers:
            own = {
                name.rsplit(".", 1)[1]: self.weights.get(name, self.moving.get(name))
                for name in layer.shapes
            }
            if constant:
                own = {name: tensor.detach() for name, tensor in own.items()}
            x = _apply(layer, own, x, training)
        return x


def kl_divergence(mu: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
    """KL(N(mu, exp(log_var)) ‖ N(0, I)): (n, z_dim) → (n,) nats."""
    return -0.5 * (1 + log_var - mu.square() - log_var.exp()).sum(1)


def _apply(layer: Layer, own: Tensors, x: torch.Tensor, training: bool) -> torch.Tensor:
    if isinstance(layer, Reshape):
        if x.ndim == 4:
            x = x.permute(0, 2, 3, 1)
        x = x.reshape(-1, *layer.shape)
        # Channels last, as the weights have them; the permuted tensor is a view.
        return x.permute(0, 3, 1, 2) if x.ndim == 4 else x
    if isinstance(layer, Dropout):
        return F.dropout(x, layer.rate, training)
    if isinstance(layer, Dense):
        x = F.linear(x, own["kernel"], own["bias"])
    elif isinstance(layer, Conv):
        padding = (layer.size - layer.stride + 1) // 2
        convolve = F.conv_transpose2d if layer.transposed else F.conv2d
        x = convolve(x, own["kernel"], own["bias"], stride=layer.stride, padding=padding)
    elif isinstance(layer, BatchNorm):
        x = F.batch_norm(
            *(x, own["mean"], own["variance"], own["gamma"], own["beta"]),
            training=training,
            momentum=0.01,
            eps=BATCH_NORM_EPSILON,
        )
    else:
        return F.max_pool2d(x, 2)
    return _ACTIVATIONS[layer.activation](x)


def _random_affine(x: torch.Tensor, strength: float) -> torch.Tensor:
    """As `vae.data.augment.random_affine`: (n, 784) → (n, 784)."""
    u = strength * (2 * torch.rand(7, len(x)) - 1)
    angle, shear = u[0] * augment.MAX_ANGLE, u[1] * augment.MAX_SHEAR
    dx, dy = u[2] * augment.MAX_SHIFT, u[3] * augment.MAX_SHIFT
    x_scale, y_scale = 1 + u[4] * augment.MAX_SCALE, 1 + u[5] * augment.MAX_SCALE
    cos, sin = torch.cos(angle), torch.sin(angle)
    # affine_grid counts from the middle of the image, in halves of its side.
    rows = [
        torch.stack([x_scale * cos, x_scale * (shear * cos - sin), 2 * dx / SIDE], 1),
        torch.stack([y_scale * sin, y_scale * (shear * sin + cos), 2 * dy / SIDE], 1),
    ]
    grid = F.affine_grid(torch.stack(rows, 1), [len(x), 1, SIDE, SIDE], align_corners=False)
    images = F.grid_sample(x.reshape(-1, 1, SIDE, SIDE), grid, align_corners=False)
    return images.reshape(-1, PIXELS)
