"""The program of the lab report, complete: a variational autoencoder of handwritten digits.

    python examples/report.py

trains it in a minute, prints the log of the report's figure 4 and saves its figure 5, a row of
generated digits, as digits.png. The report leaves out the loss and the loop of the training, and
breaks off in `generate`: they are filled in here. `python -m vae train --preset report` trains the
same model.
"""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from PIL import Image
from tqdm import tqdm

MNIST = Path(__file__).parents[1] / "data" / "mnist.npz"

# Figure 1
params: dict[str, Any] = {
    "encoder_layers": [128],
    "decoder_layers": [128],
    "digit_classification_layers": [128],
    "activation": "sigmoid",
    "decoder_std": 0.5,
    "z_dim": 10,
    "digit_classification_weight": 10.0,
    "epochs": 20,
    "batch_size": 100,
    "learning_rate": 0.001,
}


# Figure 2
class VAE(keras.Model):
    """An encoder, a decoder and a classifier of handwritten digits."""

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__()
        self.z_dim = params["z_dim"]

        def hidden(sizes: list[int]) -> list[layers.Layer]:
            return [layers.Dense(size, activation=params["activation"]) for size in sizes]

        self.encoder = keras.Sequential(hidden(params["encoder_layers"]))
        self.mu_layer = layers.Dense(self.z_dim)
        self.log_var_layer = layers.Dense(self.z_dim)
        self.classifier = keras.Sequential(
            [*hidden(params["digit_classification_layers"]), layers.Dense(10)]
        )
        self.decoder = keras.Sequential(
            [*hidden(params["decoder_layers"]), layers.Dense(784, activation="sigmoid")]
        )

    def encode(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Images (n, 784) → mu and log σ² of the Gaussian over z, (n, z_dim) each."""
        h = self.encoder(x)
        return self.mu_layer(h), self.log_var_layer(h)

    def reparameterize(self, mu: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
        """A sample z = mu + σ·ε through which the gradient can pass to mu and σ."""
        return mu + tf.exp(0.5 * log_var) * tf.random.normal(tf.shape(mu))

    def decode(self, z: tf.Tensor, digit_prob: tf.Tensor) -> tf.Tensor:
        """z (n, z_dim) and the probabilities of the digits (n, 10) → images (n, 784)."""
        return self.decoder(tf.concat([z, digit_prob], axis=1))

    def call(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """Images (n, 784) → reconstructed images, mu, log σ², logits of the digits."""
        mu, log_var = self.encode(x)
        z = self.reparameterize(mu, log_var)
        digit_logits = self.classifier(x)
        return self.decode(z, tf.nn.softmax(digit_logits)), mu, log_var, digit_logits

    def generate(self, digit: int, z: tf.Tensor | None = None) -> tf.Tensor:
        """An image (1, 784) of a digit, from z (1, z_dim) or from a random one."""
        if z is None:
            z = tf.random.normal((1, self.z_dim))
        return self.decode(z, tf.one_hot([digit], depth=10))


def losses(model: VAE, x: tf.Tensor, y: tf.Tensor) -> dict[str, tf.Tensor]:
    """The loss and its terms, which are means over the batch, the pixels and the dimensions."""
    reconstructed, mu, log_var, digit_logits = model(x)
    recon = tf.reduce_mean((x - reconstructed) ** 2) / params["decoder_std"] ** 2
    kl = -tf.reduce_mean(1 + log_var - mu**2 - tf.exp(log_var))
    cls = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, digit_logits))
    loss = 100 * recon + 10 * kl + params["digit_classification_weight"] * cls
    return {"loss": loss, "recon": recon, "kl": kl, "cls": cls}


@tf.function
def step(model: VAE, optimizer: Any, x: tf.Tensor, y: tf.Tensor) -> dict[str, tf.Tensor]:
    """One step against the gradient; the loss and its terms before it."""
    with tf.GradientTape() as tape:
        terms = losses(model, x, y)
    gradients = tape.gradient(terms["loss"], model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return terms


# Figure 3
def load_mnist() -> tuple[tf.data.Dataset, tf.data.Dataset]:
    """The batches of 60,000 training images, shuffled, and of 10,000 test images."""

    def batches(x: np.ndarray, y: np.ndarray, buffer: int) -> tf.data.Dataset:
        images = x.reshape(-1, 784).astype("float32") / 255
        dataset = tf.data.Dataset.from_tensor_slices((images, y.astype("int32")))
        dataset = dataset.shuffle(buffer) if buffer else dataset
        return dataset.batch(params["batch_size"]).prefetch(tf.data.AUTOTUNE)

    with np.load(MNIST) as file:
        train = batches(file["x_train"], file["y_train"], buffer=1024)
        return train, batches(file["x_test"], file["y_test"], buffer=0)


# Figure 4
def train(model: VAE, train_dataset: tf.data.Dataset, test_dataset: tf.data.Dataset) -> None:
    """Train a model and print the log."""
    optimizer = keras.optimizers.Adam(params["learning_rate"])
    evaluate = tf.function(losses)
    for epoch in range(1, params["epochs"] + 1):
        values = []
        with tqdm(train_dataset, f"Epoch {epoch}/{params['epochs']}", unit="batch") as bar:
            for x, y in bar:
                terms = {name: float(term) for name, term in step(model, optimizer, x, y).items()}
                values.append(terms["loss"])
                bar.set_postfix({name: f"{term:.4f}" for name, term in terms.items()})
        validation = np.mean([float(evaluate(model, x, y)["loss"]) for x, y in test_dataset])
        print(f"Validation Loss: {validation:.4f}\n")
        print(f"Epoch {epoch} finished, mean loss: {np.mean(values):.4f}")


# Figure 5
def generate_digits(model: VAE) -> Image.Image:
    """A row of the digits 0 to 9, each from a random z."""
    row = np.hstack([np.reshape(model.generate(digit), (28, 28)) for digit in range(10)])
    return Image.fromarray((255 * row).astype("uint8"))


if __name__ == "__main__":
    vae = VAE(params)
    train(vae, *load_mnist())
    generate_digits(vae).save("digits.png")
