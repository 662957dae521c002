import dataclasses

import numpy as np
import pytest

from vae import evaluate


@pytest.fixture(scope="module")
def metrics(classic, mnist):
    return evaluate(classic, mnist.test)


def test_figures_against_a_plain_recomputation(metrics, classic, mnist):
    x, y = mnist.test.x.astype(float), mnist.test.y
    w = {name: array.astype(float) for name, array in classic.arrays.items()}

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

    assert metrics["accuracy"] == (prob.argmax(1) == y).mean()
    cross_entropy = -np.log(prob[np.arange(len(y)), y]).mean()
    assert metrics["cross_entropy"] == pytest.approx(cross_entropy, rel=1e-5)
    sigma2 = np.exp(log_var)
    assert metrics["kl"] == pytest.approx(
        (0.5 * (mu**2 + sigma2 - 1 - np.log(sigma2))).sum(1).mean(), rel=1e-5
    )
    assert metrics["sse_mean"] == pytest.approx(((x - x_hat) ** 2).sum(1).mean(), rel=1e-5)
    assert metrics["active_units"] == (np.var(mu, axis=0) > 0.01).sum()


def test_the_shipped_figures_are_those(metrics, classic):
    assert classic.metrics == pytest.approx(metrics, rel=1e-5)
    assert metrics["accuracy"] >= 0.958
    assert metrics["sse_mean"] <= 15.5
    assert metrics["recon"] == pytest.approx(metrics["sse_sampled"] / (2 * 0.5**2), rel=1e-6)


def test_sure_answers_are_right(metrics, classic, mnist):
    logits = classic.classify(mnist.test.x).astype(float)
    prob = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    sure = prob.max(1) >= metrics["sure_above"]
    right = prob.argmax(1) == mnist.test.y
    assert right[sure].mean() >= 0.989
    assert right[~sure].mean() < right[sure].mean()


def test_an_untrained_model_is_hardly_ever_sure(mnist):
    from vae import VAE

    untrained = VAE({}).to_trained()
    metrics = evaluate(untrained, mnist.test)
    assert metrics["accuracy"] < 0.3
    answers = [dataclasses.replace(untrained, metrics=metrics).read(x) for x in mnist.test.x[:500]]
    assert sum(answer.sure for answer in answers) < 10
