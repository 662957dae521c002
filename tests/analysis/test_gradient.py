"""The gradients in NumPy against TensorFlow's, and the training step against Keras' Adam."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from vae import VAE, load
from vae.analysis.bounds import same_eps
from vae.analysis.gradient import Adam, adam_step, gradients, loss_terms
from vae.data.mnist import first_test_examples, one_hot
from vae.model.losses import bernoulli_nll, gaussian_nll, kl_divergence
from vae.params import Params

ODD = {
    "sides that a stride does not divide": {
        "encoder_filters": (3, 5, 4),
        "decoder_filters": (6, 3, 2),
        "digit_classification_filters": (3, 5, 4),
        "activation": "gelu",
        "z_dim": 2,
        "encoder_sees_label": True,
        "decoder_std": 0.3,
        "kl_weight": 4.0,
    },
    "the classifier's probabilities, smooth": {
        "encoder_filters": (4,),
        "decoder_filters": (5, 3),
        "digit_classification_filters": (2, 3),
        "digit_classification_layers": (9, 8),
        "activation": "silu",
        "z_dim": 1,
        "likelihood": "bernoulli",
        "dropout": 0.5,
        "kl_weight": 0.0,
    },
    "a decoder without a digit": {
        "encoder_layers": (20,),
        "decoder_layers": (20,),
        "decoder_sees": "nothing",
        "likelihood": "bernoulli",
        "z_dim": 3,
    },
    "dense, many z": {
        "encoder_layers": (12, 7),
        "decoder_layers": (5, 9, 11),
        "activation": "tanh",
        "z_dim": 32,
        "encoder_sees_label": True,
        "decoder_sees": "label",
        "digit_classification_weight": 0.0,
    },
}
MODELS = ("classic", "conv", *ODD)


@pytest.fixture(scope="module")
def keras_models():
    return {name: VAE(Params(**ODD[name])) for name in ODD}


def both(name, keras_models):
    """A model in Keras and in NumPy."""
    if name in ODD:
        return keras_models[name], keras_models[name].to_trained()
    trained = load(name)
    return VAE.from_trained(trained), trained


def keras_terms(model, x, digit, eps):
    """The loss as the training computes it, but for dropout, augmentation and consistency."""
    params, label = model.params, one_hot([digit])
    logits = model.classify(x)
    digit_prob = tf.nn.softmax(logits) if params.decoder_sees == "predicted" else label
    mu, log_var = model.encode(x, label)
    pixels = model.decode_logits(mu + tf.exp(0.5 * log_var) * eps, digit_prob)
    if params.likelihood == "gaussian":
        recon = gaussian_nll(x, tf.sigmoid(pixels), params.decoder_std)[0]
    else:
        recon = bernoulli_nll(x, pixels)[0]
    kl = kl_divergence(mu, log_var)[0]
    cls = tf.nn.softmax_cross_entropy_with_logits(label, logits)[0]
    loss = recon + params.kl_weight * kl + params.digit_classification_weight * cls
    return loss, recon, kl, cls


def train(model, x, digit, eps, rate):
    """The model after a step for each row of eps."""
    state = Adam(model, 0, {}, {})
    for step, noise in enumerate(eps, 1):
        state = adam_step(state, x, digit, noise, rate)
        assert state.steps == step
    return state.model


@pytest.mark.parametrize("name", MODELS)
def test_gradients_and_steps_are_those_of_keras(name, keras_models):
    keras_model, trained = both(name, keras_models)
    x, digit = first_test_examples().x[8], 5
    eps = same_eps(3, trained.params.z_dim, seed=2)
    names = {id(v): n for n, v in keras_model._variables_by_name().items()}
    variables = keras_model.trainable_variables
    optimizer = keras.optimizers.Adam(0.003)
    for step in range(3):
        with tf.GradientTape() as tape:
            terms = keras_terms(keras_model, x[None], digit, eps[step : step + 1])
        expected = tape.gradient(terms[0], variables, unconnected_gradients="zero")
        if step == 0:
            np.testing.assert_allclose(
                loss_terms(trained, x, digit, eps[:1]), terms, rtol=2e-5, atol=1e-4
            )
            found = gradients(trained, x, digit, eps[0])
            assert found.keys() == {names[id(v)] for v in variables}
            for variable, gradient in zip(variables, expected, strict=True):
                gradient = gradient.numpy()
                close = 2e-4 * np.abs(gradient).max() + 1e-7
                np.testing.assert_allclose(found[names[id(variable)]], gradient, rtol=0, atol=close)
        optimizer.apply(expected, variables)
    after = train(trained, x, digit, eps, 0.003)
    moved, error = 0.0, 0.0
    for variable in variables:
        now = after.tensors[names[id(variable)]]
        moved += np.abs(variable.numpy() - trained.tensors[names[id(variable)]]).sum()
        error += np.abs(variable.numpy() - now).sum()
    # Adam divides by the size of the gradient: where that is near 0, a step has no precision.
    assert error < 0.02 * moved
    found = loss_terms(after, x, digit, eps)
    expected = np.mean(
        [keras_terms(keras_model, x[None], digit, eps[i : i + 1]) for i in range(3)], 0
    )
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1e-3)
