"""The terms of the loss, as TensorFlow computes them."""

import tensorflow as tf


def gaussian_nll(x: tf.Tensor, reconstructed: tf.Tensor, decoder_std: float) -> tf.Tensor:
    """-log N(x; reconstructed, decoder_std² I) without its constant: (n, 784) → (n,) nats."""
    return tf.reduce_sum(tf.square(x - reconstructed), axis=-1) / (2 * decoder_std**2)


def bernoulli_nll(x: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """-Σ (x log p + (1 − x) log(1 − p)) over the pixels, p = sigmoid(logits): (n, 784) → (n,) nats.

    For x of 0 and 1 it is a negative log-probability; gray pixels between are taken as the
    probability of a 1 (Kingma & Welling 2014, appendix C.1).
    """
    return tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(x, logits), axis=-1)


def kl_per_dimension(mu: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
    """KL(N(mu, exp(log_var)) ‖ N(0, 1)) of each latent dimension: (n, z_dim) → (n, z_dim) nats."""
    return -0.5 * (1 + log_var - tf.square(mu) - tf.exp(log_var))


def kl_divergence(mu: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
    """KL(N(mu, exp(log_var)) ‖ N(0, I)): (n, z_dim) → (n,) nats.

    Kingma & Welling, Auto-Encoding Variational Bayes (2014), appendix B.
    """
    return tf.reduce_sum(kl_per_dimension(mu, log_var), axis=-1)
