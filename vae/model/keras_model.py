"""The conditional variational autoencoder, as a Keras model."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from vae.data.augment import random_affine
from vae.data.examples import as_digits, check_z
from vae.data.mnist import CLASSES, PIXELS
from vae.errors import UsageError
from vae.model.architecture import architecture
from vae.model.keras_layers import build_keras
from vae.model.keras_use import CheckedModel, check_compile, check_images
from vae.model.losses import bernoulli_nll, gaussian_nll, kl_divergence, kl_per_dimension
from vae.model.numpy_model import TrainedVAE
from vae.model.schedule import Cosine, kl_share
from vae.params import Params

MAX_SYNTHETIC = 3000
"""Most synthetic digits that are drawn for a training: they are reused in every epoch."""

XLA_PAYS_AFTER = 1000
"""Optimizer steps from which on XLA's faster steps outweigh the time that it takes to compile."""


def faster_with_xla(params: Params) -> bool:
    """Whether a training is faster with XLA, as measured by `benchmarks/training.py`."""
    steps = params.epochs * params.steps_per_epoch()
    return steps >= XLA_PAYS_AFTER and not (params.convolutional or params.augmentation)


@keras.saving.register_keras_serializable("vae")
class VAE(CheckedModel):
    """A conditional VAE of handwritten digits: an encoder, a decoder and a classifier.

    The decoder gets the classifier's probabilities of the digit, so z need only describe its
    style; or it gets z alone, and the model is a plain VAE with a classifier beside it. Works with
    `compile`, `fit` and `evaluate`; the fastest training is `vae.train`.

    Args:
        params: `Params`, or a plain dict such as the report's.

    Attributes:
        params: as `Params`.
        architecture: the layers of its parts.
        stem, encoder, mu_layer, log_var_layer, classifier, decoder: the parts, as Keras models.
        seed_generator: the source of all random numbers but the order of the examples.
        synthetic: the synthetic digits, images (n, 784) and probabilities (n, 10), once compiled.

    Raises:
        ParamsError: if the parameters are not valid.
        UsageError: if Keras is to compute in another type than float32.
    """

    def __init__(self, params: Params | Mapping[str, Any], **kwargs: Any) -> None:
        if (policy := keras.config.dtype_policy().name) != "float32":
            raise UsageError(f"The model is trained in float32, not in {policy}.")
        super().__init__(**kwargs)
        self.params = Params.of(params)
        # One generator for initial weights and samples, so that the seed fixes both.
        self.seed_generator = keras.random.SeedGenerator(self.params.seed)
        self.architecture = architecture(self.params)
        self._parts = [build_keras(part, self.seed_generator) for part in self.architecture]
        self.stem, self.encoder, self.mu_layer, self.log_var_layer, *others = self._parts
        self.classifier, self.decoder = others
        self.synthetic: tuple[tf.Tensor, tf.Tensor] | None = None
        self._schedule: Cosine | None = None
        # Variables, so that they can be changed between steps without compiling again. The
        # second is relative to the weight that is compiled in.
        self._kl_weight = tf.Variable(self.params.kl_weight, trainable=False)
        self._cls_base = self.params.digit_classification_weight or 1.0
        self._cls_scale = tf.Variable(0.0, trainable=False)
        self.set_loss_weights(self.params.kl_weight, self.params.digit_classification_weight)
        self.trackers = [keras.metrics.Mean(name=term) for term in self.params.terms]
        self.build((None, PIXELS))

    def build(self, input_shape: Any = None) -> None:
        self.built = True

    def set_loss_weights(self, kl_weight: float, digit_classification_weight: float) -> None:
        """Set the weights of the loss, from the next step on."""
        self._kl_weight.assign(kl_weight)
        self._cls_scale.assign(digit_classification_weight / self._cls_base)

    def set_learning_rate(self, value: float) -> None:
        """Set the learning rate of the compiled model: the highest, if it follows a schedule."""
        if self._schedule:
            self._schedule.set_peak(value)
        else:
            self.optimizer.learning_rate = value

    def encode(
        self, x: tf.Tensor, digit_prob: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Images (n, 784) → mu and log_var of q(z | x), each (n, z_dim).

        An encoder that sees the label gets digit_prob (n, 10) in its place; by default the
        classifier's probabilities.
        """
        h = self.stem(x)
        if self.params.encoder_sees_label:
            if digit_prob is None:
                digit_prob = tf.nn.softmax(self.classify(x))
            h = tf.concat([h, digit_prob], axis=1)
        h = self.encoder(h)
        return self.mu_layer(h), self.log_var_layer(h)

    def reparameterize(self, mu: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
        """A sample z = mu + sigma · eps, eps ~ N(0, I): (n, z_dim) → (n, z_dim)."""
        return mu + tf.exp(0.5 * log_var) * self._normal(tf.shape(mu))

    def decode(self, z: tf.Tensor, digit_prob: tf.Tensor) -> tf.Tensor:
        """Latents (n, z_dim) and digit probabilities (n, 10) → images (n, 784) in [0, 1]."""
        return tf.sigmoid(self.decode_logits(z, digit_prob))

    def decode_logits(self, z: tf.Tensor, digit_prob: tf.Tensor) -> tf.Tensor:
        """As `decode`, before the sigmoid."""
        return self.decoder(tf.concat([z, digit_prob], axis=1) if self.params.labelled else z)

    def classify(self, x: tf.Tensor) -> tf.Tensor:
        """Images (n, 784) → digit logits (n, 10)."""
        return self.classifier(x)

    def call(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """Images (n, 784) → reconstructed (n, 784), mu, log_var (n, z_dim), logits (n, 10)."""
        check_images(x)
        digit_logits = self.classify(x)
        digit_prob = tf.nn.softmax(digit_logits)
        mu, log_var = self.encode(x, digit_prob)
        z = self.reparameterize(mu, log_var)
        return self.decode(z, digit_prob), mu, log_var, digit_logits

    def generate(self, digit: int, z: tf.Tensor | None = None) -> tf.Tensor:
        """An image (n, 784) of the digit for each row of z (n, z_dim); for one random z if None.

        Raises:
            UsageError: if the digit is none, or z has another length.
        """
        as_digits([digit])
        if z is None:
            z = self._normal((1, self.params.z_dim))
        z = tf.convert_to_tensor(z, tf.float32)
        check_z(z.shape, self.params.z_dim)
        return self.decode(z, tf.one_hot(tf.fill([tf.shape(z)[0]], digit), CLASSES))

    def _normal(self, shape: Any) -> tf.Tensor:
        # keras.random.normal leaves the algorithm to XLA, whose choice on a CPU costs as much as
        # the rest of a training step.
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        return tf.random.stateless_normal(shape, seed, alg="philox")

    def _uniform(self, shape: Any) -> tf.Tensor:
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        return tf.random.stateless_uniform(shape, seed, alg="philox")

    def loss_terms(
        self, x: tf.Tensor, y: tf.Tensor, training: bool = False
    ) -> dict[str, tf.Tensor]:
        """Images (n, 784), digits (n,) → the loss and its terms (`Params.terms`).

        Each is a scalar in nats, the mean over the batch. In training, the classifier learns
        from `_classifier_batch`, with dropout and the batch's statistics, and the KL divergence
        counts by the parameters' schedule and free bits.
        """
        params = self.params
        label = tf.one_hot(y, CLASSES)
        images, targets = self._classifier_batch(x, label) if training else (x, label)
        digit_logits = self.classifier(images, training=training)
        digit_prob = label
        if params.decoder_sees == "predicted":
            own = digit_logits if images is x else self.classifier(x, training=training)
            digit_prob = tf.nn.softmax(own)
        mu, log_var = self.encode(x, label)
        z = self.reparameterize(mu, log_var)
        pixels = self.decode_logits(z, digit_prob)
        if params.likelihood == "gaussian":
            recon = tf.reduce_mean(gaussian_nll(x, tf.sigmoid(pixels), params.decoder_std))
        else:
            recon = tf.reduce_mean(bernoulli_nll(x, pixels))
        kl = kl_cost = tf.reduce_mean(kl_divergence(mu, log_var))
        if training and params.free_bits:  # Kingma et al. 2016, appendix C.8.
            of_each = tf.reduce_mean(kl_per_dimension(mu, log_var), axis=0)
            kl_cost = tf.reduce_sum(tf.maximum(of_each, params.free_bits))
        if training and params.kl_schedule != "constant":
            kl_cost *= kl_share(params.kl_schedule, self._share_done())
        if targets is label:
            cls = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(y, tf.int32), digit_logits)
        else:
            cls = tf.nn.softmax_cross_entropy_with_logits(targets, digit_logits)
        # Scaled inside the mean: outside, it would round differently than a constant weight.
        weighted = self._cls_base * tf.reduce_mean(self._cls_scale * cls)
        loss = recon + self._kl_weight * kl_cost + weighted
        terms = {"loss": loss, "recon": recon, "kl": kl, "cls": tf.reduce_mean(cls)}
        if params.consistent:
            terms["consistency"] = self.consistency(z, y)
            terms["loss"] += params.consistency_weight * terms["consistency"]
        return terms

    def consistency(self, z: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        """The classifier's mean cross-entropy on decoded digits: z (n, z_dim), y (n,) → nats.

        n/2 digits are decoded, half of them from random z and half from the given z, each under
        another label than its y; of fewer than four examples none, and the term is 0. Only the
        decoder has a gradient: z and the classifier's weights are constants.
        """
        quarter = tf.shape(z)[0] // 4
        half = 2 * quarter
        random = self._normal((quarter, self.params.z_dim))
        z = tf.concat([random, tf.stop_gradient(z[quarter:half])], 0)
        digits = (tf.cast(y[:half], tf.int32) + 1 + tf.range(half) % 9) % CLASSES
        decoded = self.decode(z, tf.one_hot(digits, CLASSES))
        classifier = self.classifier
        logits, _ = classifier.stateless_call(
            [tf.stop_gradient(v) for v in classifier.trainable_variables],
            classifier.non_trainable_variables,
            decoded,
            training=False,
        )
        costs = tf.nn.sparse_softmax_cross_entropy_with_logits(digits, logits)
        return tf.math.divide_no_nan(tf.reduce_sum(costs), tf.cast(tf.size(costs), tf.float32))

    def _classifier_batch(self, x: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The classifier's batch, with synthetic digits added and all images randomly transformed:
        (n, 784), (n, 10) → (m, 784), (m, 10), m = n + `params.synthetic_per_batch`.

        In the last epoch the images are not transformed.
        """
        params = self.params
        if self.synthetic:
            rows = tf.cast(
                self._uniform((params.synthetic_per_batch,)) * len(self.synthetic[0]), tf.int32
            )
            x = tf.concat([x, tf.gather(self.synthetic[0], rows)], 0)
            label = tf.concat([label, tf.gather(self.synthetic[1], rows)], 0)
        if params.augmentation:
            last = self.optimizer.iterations >= self._last_epoch
            x = tf.cond(
                last, lambda: x, lambda: random_affine(x, self._uniform, params.augmentation)
            )
        return x, label

    def _share_done(self) -> tf.Tensor:
        """How much of the training is done, from 0 to 1."""
        done = tf.cast(self.optimizer.iterations - self._first_step, tf.float32)
        return done / (self._last_step - self._first_step)

    def step(self, x: tf.Tensor, y: tf.Tensor) -> dict[str, tf.Tensor]:
        """One optimizer step on a batch (n, 784), (n,); the loss terms before it."""
        with tf.GradientTape() as tape:
            terms = self.loss_terms(x, y, training=True)
        variables = self.trainable_variables
        gradients = tape.gradient(terms["loss"], variables)
        # Without this, an update may overtake a read of the classifier's weights by `consistency`,
        # which has no gradient for them: TensorFlow's graph optimizer first drops their order as
        # implied by the operation in which Keras joins all gradients, then drops that operation.
        with tf.control_dependencies([terms["loss"]]):
            gradients = [tf.identity(gradient) for gradient in gradients]
        self.optimizer.apply(gradients, variables)
        return terms

    def compile(
        self,
        optimizer: Any = None,
        steps_per_epoch: int | None = None,
        first_epoch: int = 0,
        epochs: int | None = None,
        **kwargs: Any,
    ) -> None:
        """As `keras.Model.compile`, with defaults, and drawing the synthetic digits.

        Args:
            optimizer: by default Adam with the learning rate and schedule of the parameters.
            steps_per_epoch: by default `params.steps_per_epoch()`.
            first_epoch: epochs that are finished when the schedule starts.
            epochs: with which the schedule ends; by default `params.epochs`.
            kwargs: the other arguments of `keras.Model.compile`.

        Raises:
            UsageError: if there is a loss or a metric: the model has its own.
        """
        check_compile(kwargs)
        params = self.params
        steps = steps_per_epoch or params.steps_per_epoch()
        epochs = epochs or params.epochs
        self._last_epoch = steps * (epochs - 1)
        self._first_step, self._last_step = steps * first_epoch, steps * epochs
        rate: Any = params.learning_rate
        if params.learning_rate_schedule == "cosine":
            rate = Cosine(rate, steps * (epochs - first_epoch), steps * first_epoch)
            self._schedule = rate
        if params.synthetic_per_batch and self.synthetic is None:
            from vae.data.synthetic import synthetic_digits

            x, digit_prob = synthetic_digits(
                min(params.synthetic_per_batch * steps, MAX_SYNTHETIC), params.seed
            )
            self.synthetic = tf.constant(x), tf.constant(digit_prob)
        kwargs.setdefault("jit_compile", faster_with_xla(params))
        super().compile(optimizer or keras.optimizers.Adam(rate), **kwargs)

    def to_trained(self, **about: Any) -> TrainedVAE:
        """The model as it is now, in NumPy; `about` holds the other fields of `TrainedVAE`."""
        tensors = {
            name: keras.ops.convert_to_numpy(v) for name, v in self._variables_by_name().items()
        }
        return TrainedVAE(self.params, tensors, **about)

    @classmethod
    def from_trained(cls, trained: TrainedVAE) -> "VAE":
        """The Keras model with the same parameters and weights."""
        model = cls(trained.params)
        model.set_tensors(trained.tensors)
        return model

    def set_tensors(self, tensors: Mapping[str, Any]) -> None:
        """Assign these weights, named as in `vae.model.architecture.shapes`."""
        for name, variable in self._variables_by_name().items():
            variable.assign(tensors[name])
