"""The conditional variational autoencoder, as a Keras model."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from vae.architecture import DIGITS, PIXELS, Dense, architecture
from vae.inference import TrainedVAE
from vae.params import Params

TERMS = ("loss", "recon", "kl", "cls")
"""The loss and its three terms, in the order in which they are reported."""


def gaussian_nll(x: tf.Tensor, reconstructed: tf.Tensor, decoder_std: float) -> tf.Tensor:
    """-log N(x; reconstructed, decoder_std² I) without its constant: (n, 784) → (n,) nats."""
    return tf.reduce_sum(tf.square(x - reconstructed), axis=-1) / (2 * decoder_std**2)


def kl_divergence(mu: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
    """KL(N(mu, exp(log_var)) ‖ N(0, I)): (n, z_dim) → (n,) nats.

    Kingma & Welling, Auto-Encoding Variational Bayes (2014), appendix B.
    """
    return -0.5 * tf.reduce_sum(1 + log_var - tf.square(mu) - tf.exp(log_var), axis=-1)


@keras.saving.register_keras_serializable("vae")
class VAE(keras.Model):
    """A conditional VAE of handwritten digits: an encoder, a decoder and a classifier.

    The classifier's probabilities tell the decoder which digit to draw, so z is left
    to describe how it is drawn. Works with `compile`, `fit` and `evaluate`; for the
    fastest training see `vae.train`.

    Args:
        params: `Params`, or a plain dict such as the report's.

    Raises:
        ParamsError: if the parameters are not valid.
    """

    def __init__(self, params: Params | Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.params = Params.of(params)
        # One generator for the initial weights and for every sample, so that a seed fixes both.
        self.seed_generator = keras.random.SeedGenerator(self.params.seed)
        plan = architecture(self.params)
        self.encoder = self._chain(plan.encoder)
        self.mu_layer = self._chain(plan.mu)
        self.log_var_layer = self._chain(plan.log_var)
        self.classifier = self._chain(plan.classifier)
        self.decoder = self._chain(plan.decoder)
        self.trackers = [keras.metrics.Mean(name=term) for term in TERMS]
        self.build((None, PIXELS))

    def _chain(self, layers: list[Dense]) -> keras.Sequential:
        chain = keras.Sequential([keras.Input((layers[0].inputs,))])
        for layer in layers:
            activation = layer.activation
            chain.add(
                keras.layers.Dense(
                    layer.units,
                    activation=_gelu_tanh if activation == "gelu" else activation,
                    kernel_initializer=keras.initializers.GlorotUniform(self.seed_generator),
                )
            )
        return chain

    def build(self, input_shape: Any = None) -> None:
        self.built = True

    def encode(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Images (n, 784) → mu and log_var of q(z | x), each (n, z_dim)."""
        h = self.encoder(x)
        return self.mu_layer(h), self.log_var_layer(h)

    def reparameterize(self, mu: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
        """A sample z = mu + sigma · eps, eps ~ N(0, I): (n, z_dim) → (n, z_dim)."""
        return mu + tf.exp(0.5 * log_var) * self._normal(tf.shape(mu))

    def decode(self, z: tf.Tensor, digit_prob: tf.Tensor) -> tf.Tensor:
        """Latents (n, z_dim) and digit probabilities (n, 10) → images (n, 784) in [0, 1]."""
        return self.decoder(tf.concat([z, digit_prob], axis=1))

    def classify(self, x: tf.Tensor) -> tf.Tensor:
        """Images (n, 784) → digit logits (n, 10)."""
        return self.classifier(x)

    def call(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """Images (n, 784) → reconstructed (n, 784), mu, log_var (n, z_dim), logits (n, 10)."""
        mu, log_var = self.encode(x)
        z = self.reparameterize(mu, log_var)
        digit_logits = self.classify(x)
        return self.decode(z, tf.nn.softmax(digit_logits)), mu, log_var, digit_logits

    def generate(self, digit: int, z: tf.Tensor | None = None) -> tf.Tensor:
        """An image (n, 784) of the digit for each row of z (n, z_dim); for one random z if None."""
        if z is None:
            z = self._normal((1, self.params.z_dim))
        z = tf.convert_to_tensor(z, tf.float32)
        return self.decode(z, tf.one_hot(tf.fill([tf.shape(z)[0]], digit), DIGITS))

    def _normal(self, shape: Any) -> tf.Tensor:
        # keras.random.normal leaves the algorithm to XLA, whose choice on a CPU costs
        # as much as the rest of a training step.
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        return tf.random.stateless_normal(shape, seed, alg="philox")

    def loss_terms(self, x: tf.Tensor, y: tf.Tensor) -> dict[str, tf.Tensor]:
        """The loss and its terms, scalars in nats, means over the batch (see `TERMS`)."""
        reconstructed, mu, log_var, digit_logits = self(x)
        recon = tf.reduce_mean(gaussian_nll(x, reconstructed, self.params.decoder_std))
        kl = tf.reduce_mean(kl_divergence(mu, log_var))
        cls = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(y, tf.int32), digit_logits)
        )
        loss = recon + kl + self.params.digit_classification_weight * cls
        return {"loss": loss, "recon": recon, "kl": kl, "cls": cls}

    def step(self, x: tf.Tensor, y: tf.Tensor) -> dict[str, tf.Tensor]:
        """One optimizer step on one batch; the loss and its terms before it."""
        with tf.GradientTape() as tape:
            terms = self.loss_terms(x, y)
        variables = self.trainable_variables
        self.optimizer.apply(tape.gradient(terms["loss"], variables), variables)
        return terms

    def compile(self, optimizer: Any = None, **kwargs: Any) -> None:
        """As `keras.Model.compile`; the optimizer is Adam at `params.learning_rate` by default."""
        super().compile(optimizer or keras.optimizers.Adam(self.params.learning_rate), **kwargs)

    def get_compile_config(self) -> dict[str, Any]:
        return {"optimizer": keras.saving.serialize_keras_object(self.optimizer)}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        self.compile(keras.saving.deserialize_keras_object(config["optimizer"]))
        self.optimizer.build(self.trainable_variables)

    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        return self._track(self.step(x, y), x)

    def test_step(self, data: Any) -> dict[str, tf.Tensor]:
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        return self._track(self.loss_terms(x, y), x)

    def _track(self, terms: dict[str, tf.Tensor], x: tf.Tensor) -> dict[str, tf.Tensor]:
        for tracker in self.trackers:
            tracker.update_state(terms[tracker.name], sample_weight=tf.shape(x)[0])
        return {tracker.name: tracker.result() for tracker in self.trackers}

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return self.trackers

    def get_config(self) -> dict[str, Any]:
        return {"params": self.params.model_dump(mode="json")}

    def _variables_by_name(self) -> dict[str, Any]:
        chains = (
            self.encoder,
            self.mu_layer,
            self.log_var_layer,
            self.classifier,
            self.decoder,
        )
        return {
            name: variable
            for part, chain in zip(architecture(self.params), chains, strict=True)
            for layer, built in zip(part, chain.layers, strict=True)
            for name, variable in zip(layer.shapes, built.weights, strict=True)
        }

    def to_trained(self, **about: Any) -> TrainedVAE:
        """A snapshot in NumPy; `about` are the other fields of `TrainedVAE`."""
        arrays = {
            name: keras.ops.convert_to_numpy(v) for name, v in self._variables_by_name().items()
        }
        return TrainedVAE(self.params, arrays, **about)

    @classmethod
    def from_trained(cls, trained: TrainedVAE) -> "VAE":
        """The Keras model with the same parameters and weights."""
        model = cls(trained.params)
        for name, variable in model._variables_by_name().items():
            variable.assign(trained.arrays[name])
        return model


def _gelu_tanh(x: tf.Tensor) -> tf.Tensor:
    return tf.nn.gelu(x, approximate=True)
