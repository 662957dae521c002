from functools import cached_property

import numpy as np
import pytest

from vae import VAE, TrainedVAE, evaluate, load
from vae.analysis.calibration import SURE_ACCURACY, calibrate, calibration_error, sure_above
from vae.analysis.evaluation import with_metrics
from vae.analysis.latent import active_units
from vae.data.mnist import one_hot
from vae.data.synthetic import STRONG_JITTER, draw_digit
from vae.presets import PRESETS


@pytest.fixture(scope="module")
def metrics(classic, mnist):
    return evaluate(classic, mnist.test)


def test_figures_against_a_plain_recomputation(metrics, classic, mnist):
    x, y = mnist.test.x.astype(float), mnist.test.y
    w = {name: array.astype(float) for name, array in classic.tensors.items()}

    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    h = sigmoid(x @ w["encoder.0.kernel"] + w["encoder.0.bias"])
    mu = h @ w["mu.kernel"] + w["mu.bias"]
    log_var = h @ w["log_var.kernel"] + w["log_var.bias"]
    c = sigmoid(x @ w["classifier.0.kernel"] + w["classifier.0.bias"])
    logits = c @ w["classifier.1.kernel"] + w["classifier.1.bias"]
    prob = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    d = np.concatenate([mu, prob], 1) @ w["decoder.0.kernel"] + w["decoder.0.bias"]
    x_hat = sigmoid(sigmoid(d) @ w["decoder.1.kernel"] + w["decoder.1.bias"])

    accuracy = (prob.argmax(1) == y).mean()
    assert metrics["accuracy"] == pytest.approx(accuracy, abs=undecided(logits) / len(y))
    cross_entropy = -np.log(prob[np.arange(len(y)), y]).mean()
    assert metrics["cross_entropy"] == pytest.approx(cross_entropy, rel=1e-5)
    sigma2 = np.exp(log_var)
    assert metrics["kl"] == pytest.approx(
        (0.5 * (mu**2 + sigma2 - 1 - np.log(sigma2))).sum(1).mean(), rel=1e-5
    )
    assert metrics["sse_mean"] == pytest.approx(((x - x_hat) ** 2).sum(1).mean(), rel=1e-5)
    assert metrics["active_units"] == (np.var(mu, axis=0) > 0.01).sum()


def undecided(logits):
    """How many answers float32 rounding can change, which depends on the processor: those whose
    two largest logits are closer than its error.
    """
    second, first = np.sort(logits, 1)[:, -2:].T
    return (first - second < 1e-4).sum()


class InKeras(TrainedVAE):
    """A model whose network is run by TensorFlow."""

    @cached_property
    def keras(self):
        return VAE.from_trained(self)

    @cached_property
    def logits(self):
        """What it has answered."""
        return []

    def classify(self, x):
        self.logits.append(self.keras.classify(x).numpy())
        return self.logits[-1]

    def encode(self, x, digit_prob=None):
        return tuple(part.numpy() for part in self.keras.encode(x, digit_prob))

    def decode_logits(self, z, digit_prob):
        return self.keras.decode_logits(z, digit_prob).numpy()


@pytest.fixture(scope="module", params=PRESETS)
def shipped(request, mnist):
    """A model that ships, and its metrics and digit logits on the test set, by Keras."""
    model = load(request.param)
    in_keras = InKeras(model.params, model.tensors, model.metrics)
    metrics = evaluate(in_keras, mnist.test)
    return request.param, model, metrics, np.concatenate(in_keras.logits)


WORTH = {
    "classic": (0.958, 15.8),
    "report": (0.97, 40),
    "fast": (0.982, 10.5),
    "conv": (0.995, 8.6),
    "plane": (0.98, 28),
    "unlabelled": (0.98, 30),
}
"""The accuracy and the squared error that a model that ships must at least have."""


def test_the_metrics_in_the_shipped_files_are_those_of_keras(shipped, mnist):
    name, model, metrics, logits = shipped
    assert model.params == PRESETS[name]
    stored = {key: model.metrics[key] for key in metrics}
    # The files were written on another processor, where rounding may decide some answers
    # differently, and put a confidence into the next bin of the calibration error.
    borderline = undecided(logits) / len(mnist.test.y)
    confusion, stored_confusion = metrics["confusion"], stored.pop("confusion")
    moved = np.abs(np.subtract(confusion, stored_confusion)).sum() / 2
    assert moved <= borderline * len(mnist.test.y)
    for exact in ("accuracy", "calibration_error"):
        assert stored.pop(exact) == pytest.approx(metrics[exact], abs=borderline + 2e-4)
    assert stored == pytest.approx({key: metrics[key] for key in stored}, rel=1e-5)
    assert np.trace(confusion) / np.sum(confusion) == pytest.approx(metrics["accuracy"], rel=1e-9)
    assert np.sum(confusion, 1).tolist() == np.bincount(mnist.test.y).tolist()
    quality = model.metrics["quality"]
    assert quality["accuracy"] == pytest.approx(metrics["accuracy"], abs=borderline + 1e-9)
    accuracy, sse = WORTH[name]
    assert metrics["accuracy"] >= accuracy
    assert metrics["sse_mean"] <= sse
    assert metrics["calibration_error"] < (
        0.04 if name == "report" else 0.01
    )  # It has none held out.
    if model.params.likelihood == "gaussian":
        sse = metrics["sse_sampled"]
        assert metrics["recon"] == pytest.approx(sse / (2 * model.params.decoder_std**2), rel=1e-6)


def test_the_shipped_models_generate_the_right_digits():
    required = {"fast": (0.98, 0.95, 0.985, 0.25), "conv": (0.995, 0.985, 0.993, 0.11)}
    for name, (fidelity, worst, swap, frechet) in required.items():
        row = load(name).metrics["quality"]
        assert row["fidelity"] >= fidelity
        assert row["worst_fidelity"] >= worst
        assert row["swap"] >= swap
        assert row["frechet"] <= frechet * load("classic").metrics["quality"]["frechet"]


def test_the_temperature_is_the_best_one(classic, mnist):
    few = mnist.train.part(slice(-5000, None))
    temperature = calibrate(classic, mnist)["temperature"]
    assert temperature == pytest.approx(classic.metrics["temperature"], rel=1e-3)
    assert calibrate(load("report"), mnist)["temperature"] == 1
    logits = classic.classify(few.x).astype(float)

    def cross_entropy(t):
        prob = np.exp(logits / t) / np.exp(logits / t).sum(1, keepdims=True)
        return -np.log(prob[np.arange(len(few.y)), few.y]).mean()

    best = min(np.linspace(0.3, 3, 2701), key=cross_entropy)
    assert temperature == pytest.approx(best, abs=0.002)


def test_at_the_measured_contrast_digits_are_as_gray_as_mnist(mnist):
    model = load("fast")
    contrast = calibrate(model, mnist)["contrast"]
    z = np.random.default_rng(5).standard_normal((1000, 10), np.float32)
    drawn = model.decode(z, one_hot(np.arange(1000) % 10), contrast)
    x = mnist.train.x[-5000:]
    assert (drawn * (1 - drawn)).mean() == pytest.approx((x * (1 - x)).mean(), rel=0.1)


def test_contrast_multiplies_the_logits(classic):
    z = np.random.default_rng(5).standard_normal((3, 10), np.float32)
    p = classic.decode(z, one_hot([1, 2, 3])).astype(float)
    more = classic.decode(z, one_hot([1, 2, 3]), 2.0)
    assert more == pytest.approx(p**2 / (p**2 + (1 - p) ** 2), abs=1e-5)


def test_calibration_error_by_hand():
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.7, 0.7], np.float32)
    right = np.array([True, True, True, False, True, False])
    by_hand = 4 / 6 * abs(3 / 4 - 0.95) + 2 / 6 * abs(1 / 2 - 0.7)
    assert calibration_error(confidence, right) == pytest.approx(by_hand, rel=1e-5)


def test_sure_answers_are_right(shipped, mnist):
    name, model, _, logits = shipped
    sure = model.calibrated(logits).max(1) >= model.metrics["sure_above"]
    assert (logits.argmax(1) == mnist.test.y)[sure].mean() >= 0.989

    rng = np.random.default_rng(123)
    digits = np.arange(1000) % 10
    drawn = np.stack([draw_digit(digit, rng, STRONG_JITTER) for digit in digits.tolist()])
    logits = model.classify(drawn)
    sure = model.calibrated(logits).max(1) >= model.metrics["sure_above"]
    right = logits.argmax(1) == digits
    assert sure.mean() > {"classic": 0.1, "report": 0.01, "conv": 0.9}.get(name, 0.5)
    assert right[sure].mean() >= 0.98
    assert right[~sure].mean() < right[sure].mean()


def test_an_untrained_model_is_hardly_ever_sure(mnist):
    untrained = VAE({}).to_trained()
    model = with_metrics(untrained, mnist)
    assert model.metrics["accuracy"] < 0.3
    assert model.digit_gaussians.root.shape == (10, 10, 10)
    answers = [model.predict(x) for x in mnist.test.x[:200]]
    assert sum(answer.sure for answer in answers) < 4


def test_sure_above_by_hand():
    # Sorted by confidence: 150 right, one wrong, 30 right, then all wrong.
    confidence = np.linspace(1, 0.1, 200, dtype=np.float32)
    right = np.ones(200, bool)
    right[150] = False
    right[181:] = False
    # The accuracy is at least 99 % down to the second wrong answer: 180 of 182 are 98.9 %.
    assert SURE_ACCURACY == 0.99
    assert sure_above(confidence, right) == pytest.approx(confidence[180])
    shuffled = np.random.default_rng(0).permutation(200)
    assert sure_above(confidence[shuffled], right[shuffled]) == pytest.approx(confidence[180])
    assert sure_above(confidence, np.zeros(200, bool)) == 1.0


def test_active_units_by_hand():
    # Variances 0.0081, 0.0121, 0 and 4.
    mu = np.array([[0.09, 0.11, 5.0, -2.0], [-0.09, -0.11, 5.0, 2.0]], np.float32)
    assert active_units(mu).tolist() == [False, True, False, True]
