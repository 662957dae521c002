import keras
import numpy as np
import pytest
import tensorflow as tf

from vae import VAE, TrainedVAE, generate_digits, load
from vae.model.architecture import shapes
from vae.model.losses import bernoulli_nll, gaussian_nll, kl_divergence
from vae.model.numpy_layers import conv, max_pool, transposed_conv
from vae.params import Params
from vae.presets import PRESETS

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


def test_generate_asks_the_decoder_for_the_digit(model):
    z = np.ones((1, 4), np.float32)
    one_hot = np.eye(10, dtype=np.float32)[[6]]
    assert_close(model.generate(6, z), model.decode(z, one_hot))
    assert np.abs(model.generate(6, z) - model.generate(5, z)).max() > 0.01


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
    z = mu + sigma * rng.standard_normal((100_000, 3, 5))

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
        float(terms["recon"] + terms["kl"] + 10 * terms["cls"]), rel=1e-5
    )
    logits = model.classify(mnist.test.x[:50]).numpy().astype(float)
    prob = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    by_hand = -np.log(prob[np.arange(50), mnist.test.y[:50]]).mean()
    assert float(terms["cls"]) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_numpy_model_computes_the_same(activation, mnist):
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


@pytest.mark.parametrize(
    "params",
    [
        Params(encoder_filters=[5], encoder_sees_label=True),
        Params(encoder_filters=[4, 6, 5], activation="gelu", decoder_sees="label"),
        Params(decoder_filters=[6]),
        Params(decoder_filters=[6, 5], decoder_sees="nothing"),
        Params(decoder_filters=[6, 5, 4], activation="relu", likelihood="bernoulli"),
        Params(digit_classification_filters=[5, 7, 6], dropout=0.5, activation="silu"),
    ],
)
def test_the_numpy_model_with_convolutions_computes_the_same(params, mnist):
    model = VAE(params)
    rng = np.random.default_rng(0)
    for variable in model.weights:  # Those of batch normalisation start at 0 and 1.
        variable.assign_add(0.03 * rng.random(variable.shape, np.float32))
    x = mnist.test.x[:40]
    _assert_equal(model, model.to_trained(), x)
    again = VAE.from_trained(model.to_trained())
    assert_close(again.classify(x), model.classify(x))


@pytest.mark.parametrize("encoder_sees_label", [False, True])
def test_without_labels_the_decoder_gets_z_alone(encoder_sees_label, mnist):
    params = Params(
        z_dim=3,
        decoder_sees="nothing",
        encoder_sees_label=encoder_sees_label,
        consistency_weight=5.0,
        kl_weight=2.0,
    )
    model = VAE(params)
    trained = model.to_trained()
    assert not trained.labelled and VAE({}).to_trained().labelled
    assert trained.tensors["decoder.0.kernel"].shape == (3, 128)
    x, y = mnist.test.x[:40], mnist.test.y[:40]
    _assert_equal(model, trained, x)
    assert np.array_equal(
        trained.generate(3, np.ones((1, 3))), trained.generate(8, np.ones((1, 3)))
    )

    with tf.GradientTape(persistent=True) as tape:
        terms = model.loss_terms(x, y, training=True)
    assert set(terms) == {"loss", "recon", "kl", "cls"}, "the consistency needs a label"
    own = terms["recon"] + 2 * terms["kl"]
    assert float(terms["loss"]) == pytest.approx(float(own + 10 * terms["cls"]), rel=1e-5)
    for term, parts in (("cls", [model.encoder, model.decoder]), ("recon", [model.classifier])):
        for part in parts:
            gradients = tape.gradient(terms[term], part.trainable_variables)
            assert all(gradient is None for gradient in gradients), "the classifier stands beside"


@pytest.mark.parametrize("name", PRESETS)
def test_the_shipped_models_are_the_same_in_keras(name, mnist):
    trained = load(name)
    _assert_equal(VAE.from_trained(trained), trained, mnist.test.x[:100])


@pytest.mark.parametrize(("size", "stride"), [(3, 1), (4, 2), (5, 3), (2, 1)])
@pytest.mark.parametrize(("inputs", "filters"), [(1, 3), (6, 2), (4, 4)])
@pytest.mark.parametrize(("h", "w"), [(7, 7), (8, 5)])
def test_convolutions_are_those_of_tensorflow(size, stride, inputs, filters, h, w):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, h, w, inputs), np.float32)
    kernel = rng.standard_normal((size, size, inputs, filters), np.float32)
    theirs = tf.nn.conv2d(x, kernel, stride, "SAME")
    assert_close(conv(x, kernel, stride), theirs)
    kernel = rng.standard_normal((size, size, filters, inputs), np.float32)
    shape = (3, h * stride, w * stride, filters)
    theirs = tf.nn.conv2d_transpose(x, kernel, shape, stride, "SAME")
    assert_close(transposed_conv(x, kernel, stride), theirs)
    assert np.array_equal(max_pool(x), tf.nn.max_pool2d(x, 2, 2, "VALID"))


def test_bernoulli_recon_is_a_log_probability():
    rng = np.random.default_rng(2)
    x = rng.integers(0, 2, (3, 784)).astype(np.float32)
    logits = 3 * rng.standard_normal((3, 784), np.float32)
    p = 1 / (1 + np.exp(-logits.astype(float)))
    by_hand = -np.log(np.where(x == 1, p, 1 - p)).sum(1)
    assert bernoulli_nll(x, logits).numpy() == pytest.approx(by_hand, rel=1e-5)


def test_only_the_decoder_has_a_gradient_of_the_consistency(mnist):
    model = VAE(Params(consistency_weight=1.0, decoder_sees="label"))
    with tf.GradientTape(persistent=True) as tape:
        z = model.encode(mnist.test.x[:40])[0]
        loss = model.consistency(z, mnist.test.y[:40])
    assert all(g is None for g in tape.gradient(loss, model.classifier.trainable_variables))
    assert all(g is None for g in tape.gradient(loss, model.encoder.trainable_variables))
    gradients = tape.gradient(loss, model.decoder.trainable_variables)
    assert all(np.abs(g).max() > 0 for g in gradients)


def test_a_small_batch_has_no_consistency(mnist):
    model = VAE(Params(consistency_weight=1.0, decoder_sees="label"))
    model.compile()
    for count in (1, 3):
        terms = model.step(*mnist.train.part(slice(count)))
        assert terms["consistency"] == 0 and np.isfinite(terms["loss"])
    assert all(np.isfinite(tensor).all() for tensor in model.to_trained().tensors.values())
    assert model.step(*mnist.train.part(slice(4)))["consistency"] > 0


def test_recon_has_a_gradient_for_the_classifier_unless_the_decoder_sees_the_label(mnist):
    def reaches_classifier(params):
        model = VAE(params)
        with tf.GradientTape() as tape:
            recon = model.loss_terms(mnist.test.x[:20], mnist.test.y[:20])["recon"]
        return tape.gradient(recon, model.classifier.trainable_variables)[0] is not None

    assert reaches_classifier(Params())
    assert not reaches_classifier(Params(decoder_sees="label"))


def test_the_encoder_sees_the_label(mnist):
    model = VAE(Params(encoder_sees_label=True))
    x = mnist.test.x[:5]
    prob = tf.nn.softmax(model.classify(x))
    mu = model.encode(x)[0].numpy()
    assert_close(mu, model.encode(x, prob)[0])
    assert np.abs(mu - model.encode(x, np.eye(10, dtype="f")[:5])[0]).max() > 0.01


def test_augmentation_is_bounded_and_left_out_of_the_last_epoch(mnist):
    model = VAE(Params(augmentation=1.0, epochs=2))
    model.compile(steps_per_epoch=5)
    x = mnist.test.x[:200]
    label = np.eye(10, dtype=np.float32)[mnist.test.y[:200]]
    seen = model._classifier_batch(x, label)[0].numpy()
    assert np.abs(seen - x).max(1).min() > 0.01, "every image is changed"
    index = np.arange(28)

    def centre(images):
        mass = images.reshape(-1, 28, 28).sum(1)
        return (mass @ index) / mass.sum(1)

    assert np.abs(centre(seen) - centre(x)).max() < 3.5
    assert np.corrcoef(seen.ravel(), x.ravel())[0, 1] > 0.6
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(5)
    assert np.array_equal(model._classifier_batch(x, label)[0], x)


def test_synthetic_digits_are_added_to_the_classifiers_batch(mnist):
    model = VAE(Params(synthetic_ratio=0.5, batch_size=40))
    model.compile()
    x, label = model._classifier_batch(
        mnist.test.x[:40], np.eye(10, dtype=np.float32)[mnist.test.y[:40]]
    )
    assert x.shape == (60, 784)
    assert np.array_equal(x[:40], mnist.test.x[:40])
    assert label.numpy().sum(1) == pytest.approx(np.ones(60), rel=1e-6)


def test_dropout_keeps_the_mean():
    layer = VAE(Params(dropout=0.3)).classifier.layers[1]
    x = tf.ones((400, 500))
    y = layer(x, training=True).numpy()
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.01)
    assert np.array_equal(layer(x), x)


def test_the_fused_batch_norm_is_that_of_keras():
    from vae.model.keras_layers import FusedBatchNorm

    fused, plain = FusedBatchNorm("relu", 0.001), keras.layers.BatchNormalization()
    x = tf.random.stateless_normal((50, 6, 6, 4), (1, 2)) * 3 + 1
    for training in (True, True, False):
        ours, theirs = fused(x, training=training), plain(x, training=training)
        # TensorFlow's moving variance is the unbiased one, of 1,800 numbers here.
        assert np.abs(ours - tf.nn.relu(theirs)).max() < 2e-3
    for ours, theirs in zip(fused.weights, plain.weights, strict=True):
        assert ours.numpy() == pytest.approx(theirs.numpy(), rel=2e-3)


def _assert_equal(model: VAE, trained: TrainedVAE, x):
    mu, log_var = model.encode(x)
    logits = model.classify(x)
    prob = tf.nn.softmax(logits)
    pairs = [
        (trained.encode(x)[0], mu),
        (trained.encode(x)[1], log_var),
        (trained.classify(x), logits),
        (trained.decode(mu, prob), model.decode(mu, prob)),
        (trained.generate(4, mu), model.generate(4, mu)),
    ]
    for in_numpy, in_keras in pairs:
        assert in_numpy.dtype == np.float32
        assert_close(in_numpy, in_keras)


def assert_close(a, b, rtol=1e-5):
    """Assert that two float32 results differ by rounding only.

    Its error grows with the magnitude of the numbers that are summed up, and depends on the order
    of the sums, which is another on each kind of processor: 1.1e-5 at logits of 15 has been seen.
    So the difference is compared with the largest value.
    """
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    assert np.abs(a - b).max() <= rtol * np.abs(b).max() + 1e-7


def test_tensors_are_those_of_the_architecture(model):
    tensors = model.to_trained().tensors
    assert {name: array.shape for name, array in tensors.items()} == shapes(model.params)


@pytest.mark.parametrize("xla", [True, False])
def test_fit_as_keras_users_expect(xla, mnist):
    sizes = {"encoder_layers": (16,), "decoder_layers": (16,), "augmentation": 0.0 if xla else 0.1}
    model = VAE(Params(**sizes, epochs=100, digit_classification_filters=()))
    model.compile(steps_per_epoch=10)
    assert bool(model.jit_compile) == xla
    history = model.fit(
        *mnist.train.part(slice(1000)),
        batch_size=100,
        epochs=2,
        validation_data=mnist.test.part(slice(300)),
        verbose=0,
    ).history
    terms = {"loss", "recon", "kl", "cls"}
    assert history.keys() == terms | {f"val_{term}" for term in terms}
    assert history["loss"][1] < history["loss"][0]
