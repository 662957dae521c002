import keras
import numpy as np
import pytest
import tensorflow as tf

from vae import VAE, TrainedVAE, generate_digits
from vae.architecture import shapes
from vae.model import gaussian_nll, kl_divergence
from vae.params import Params, ParamsError

ACTIVATIONS = ["sigmoid", "tanh", "relu", "gelu", "silu"]


@pytest.fixture(scope="module")
def model():
    return VAE({"z_dim": 4, "seed": 3})


def test_methods_and_shapes_of_the_report(model, mnist):
    x = mnist.test.x[:7]
    reconstructed, mu, log_var, digit_logits = model(x)
    assert reconstructed.shape == (7, 784)
    assert mu.shape == log_var.shape == (7, 4)
    assert digit_logits.shape == (7, 10)
    assert model.reparameterize(mu, log_var).shape == (7, 4)
    assert model.decode(mu, tf.nn.softmax(digit_logits)).shape == (7, 784)
    assert model.generate(3).shape == (1, 784)
    assert model.generate(3, np.zeros((5, 4))).shape == (5, 784)
    assert generate_digits(model).size == (840, 84)


def test_a_model_takes_no_wrong_params():
    with pytest.raises(ParamsError, match="z_dim must be"):
        VAE({"z_dim": 0})


def test_generate_asks_the_decoder_for_the_digit(model):
    z = np.ones((1, 4), np.float32)
    one_hot = np.eye(10, dtype=np.float32)[[6]]
    assert np.array_equal(model.generate(6, z), model.decode(z, one_hot))


def test_samples_have_the_mean_and_the_variance_asked_for(model):
    n = 20_000
    mu = tf.tile([[0.5, -2.0, 0.0, 3.0]], [n, 1])
    log_var = tf.tile([[0.0, -1.0, 1.0, -4.0]], [n, 1])
    z = model.reparameterize(mu, log_var).numpy()
    sigma = np.exp(0.5 * log_var[0].numpy())
    assert np.abs(z.mean(0) - mu[0]).max() < 5 * sigma.max() / np.sqrt(n)
    assert np.abs(z.std(0) / sigma - 1).max() < 5 / np.sqrt(2 * n)


def test_kl_against_monte_carlo():
    rng = np.random.default_rng(0)
    mu, log_var = rng.normal(size=(2, 3, 5)).astype(np.float32)
    sigma = np.exp(0.5 * log_var)
    z = mu + sigma * rng.standard_normal((400_000, 3, 5))

    def log_normal(z, mean, std):
        return -0.5 * (((z - mean) / std) ** 2 + np.log(2 * np.pi)) - np.log(std)

    draws = (log_normal(z, mu, sigma) - log_normal(z, 0, 1)).sum(-1)
    error = draws.std(0) / np.sqrt(len(draws))
    assert (np.abs(kl_divergence(mu, log_var) - draws.mean(0)) < 5 * error).all()


def test_recon_is_a_gaussian_log_density_without_its_constant():
    from statistics import NormalDist

    rng = np.random.default_rng(1)
    x, reconstructed = rng.uniform(size=(2, 2, 784)).astype(np.float32)
    std = 0.37
    constant = 784 * np.log(std * np.sqrt(2 * np.pi))
    for i, nll in enumerate(gaussian_nll(x, reconstructed, std).numpy()):
        density = [NormalDist(m, std).pdf(v) for m, v in zip(reconstructed[i], x[i], strict=True)]
        assert nll == pytest.approx(-np.log(density).sum() - constant, rel=1e-5)


def test_the_loss_is_the_weighted_sum_of_its_terms(model, mnist):
    terms = model.loss_terms(mnist.test.x[:50], mnist.test.y[:50])
    assert float(terms["loss"]) == pytest.approx(
        float(terms["recon"] + terms["kl"] + 10 * terms["cls"]), rel=1e-6
    )
    logits = model.classify(mnist.test.x[:50]).numpy().astype(float)
    prob = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    by_hand = -np.log(prob[np.arange(50), mnist.test.y[:50]]).mean()
    assert float(terms["cls"]) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_numpy_twin_agrees(activation, mnist):
    params = Params(
        encoder_layers=[50, 30],
        decoder_layers=[30, 50],
        digit_classification_layers=[40],
        activation=activation,
        z_dim=6,
    )
    model = VAE(params)
    for variable in model.trainable_variables:  # Biases start at 0, which would hide a mistake.
        variable.assign_add(keras.random.normal(variable.shape, stddev=0.1, seed=1))
    _assert_equal(model, model.to_trained(), mnist.test.x[:100])


def test_the_shipped_model_is_the_same_in_keras(classic, mnist):
    _assert_equal(VAE.from_trained(classic), classic, mnist.test.x[:500])


def _assert_equal(model: VAE, twin: TrainedVAE, x):
    mu, log_var = model.encode(x)
    logits = model.classify(x)
    prob = tf.nn.softmax(logits)
    pairs = [
        (twin.encode(x)[0], mu),
        (twin.encode(x)[1], log_var),
        (twin.classify(x), logits),
        (twin.decode(mu, prob), model.decode(mu, prob)),
        (twin.generate(4, mu), model.generate(4, mu)),
    ]
    for ours, keras_says in pairs:
        assert ours.dtype == np.float32
        assert np.abs(ours - keras_says.numpy()).max() < 1e-5


def test_arrays_are_those_of_the_plan(model):
    arrays = model.to_trained().arrays
    assert {name: array.shape for name, array in arrays.items()} == shapes(model.params)


def test_fit_as_keras_users_expect(mnist, tmp_path):
    model = VAE(Params())
    model.compile()
    few = mnist.train.x[:3000], mnist.train.y[:3000]
    history = model.fit(
        *few, batch_size=100, epochs=2, validation_data=(mnist.test.x, mnist.test.y), verbose=0
    ).history
    assert {"loss", "recon", "kl", "cls", "val_loss", "val_recon", "val_kl", "val_cls"} <= set(
        history
    )
    assert history["loss"][1] < history["loss"][0]
    before = model.evaluate(*mnist.test, verbose=0, return_dict=True)
    model.save(tmp_path / "model.keras")
    after = keras.models.load_model(tmp_path / "model.keras").evaluate(
        *mnist.test, verbose=0, return_dict=True
    )
    assert after["cls"] == pytest.approx(before["cls"], rel=1e-6)
    assert after["kl"] == pytest.approx(before["kl"], rel=1e-6)
