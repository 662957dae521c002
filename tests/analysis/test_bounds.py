"""The bounds of log p(x | y) against its integral over one or two dimensions of z, on a grid."""

import numpy as np
import pytest

from vae import load
from vae.analysis import bounds
from vae.analysis.bounds import (
    TRAINING_COUNTS,
    DigitInputs,
    digit_elbos,
    digit_inputs,
    digit_posterior,
    elbo,
    importance_bound,
    kl_per_dimension,
    log_likelihood,
    log_weights,
    same_eps,
)
from vae.analysis.evaluation import evaluate
from vae.data.mnist import first_test_examples, one_hot
from vae.model.numpy_model import TrainedVAE, softmax
from vae.params import Params

KS = (1, 4, 16, 64)


def small(likelihood="bernoulli", z_dim=1, scale=0.15):
    """A model with random weights, small enough that its likelihood is a smooth function of z."""
    from vae.model.architecture import shapes

    params = Params(
        encoder_layers=(8,),
        decoder_layers=(8,),
        digit_classification_layers=(8,),
        activation="tanh",
        likelihood=likelihood,
        decoder_std=1.0,
        z_dim=z_dim,
        encoder_sees_label=True,
        decoder_sees="label",
    )
    rng = np.random.default_rng(1)
    tensors = {
        name: np.float32(scale) * rng.standard_normal(shape, np.float32)
        for name, shape in shapes(params).items()
    }
    return TrainedVAE(params, tensors)


def exact(model, x, digit):
    """log p(x | y), integrated over a grid of z."""
    axis = np.linspace(-8, 8, 1001 if model.params.z_dim == 1 else 101)
    z = np.stack(np.meshgrid(*[axis] * model.params.z_dim), -1).reshape(-1, model.params.z_dim)
    logits = model.decode_logits(z, one_hot(np.full(len(z), digit)))
    # The pixels' log-probabilities in another way than the module's.
    p = 1 / (1 + np.exp(-logits.astype(float)))
    if model.params.likelihood == "gaussian":
        joint = -((x - p) ** 2).sum(1) / (2 * model.params.decoder_std**2)
    else:
        joint = (x * np.log(p) + (1 - x) * np.log1p(-p)).sum(1)
    joint += -0.5 * (z**2).sum(1) - 0.5 * model.params.z_dim * np.log(2 * np.pi)
    joint += model.params.z_dim * np.log(axis[1] - axis[0])
    return joint.max() + np.log(np.exp(joint - joint.max()).sum())


def one(model, digit=3, index=0):
    x = first_test_examples().x[index]
    return x, digit_inputs(model, x[None], [digit])


@pytest.mark.parametrize(
    ("likelihood", "z_dim"), [("bernoulli", 1), ("gaussian", 1), ("bernoulli", 2), ("gaussian", 2)]
)
def test_the_importance_bound_rises_from_the_elbo_to_the_integral(likelihood, z_dim):
    model = small(likelihood, z_dim)
    x, digits = one(model)
    truth = exact(model, x, 3)
    weights = log_weights(model, x, digits, same_eps(64 * 150, z_dim))
    found = [importance_bound(weights, k) for k in KS]
    # With K = 1 it is the ELBO, here of another sample of z.
    error = weights.std() / np.sqrt(len(weights))
    first = elbo(model, x[None], digits, same_eps(1500, z_dim, seed=1))[0]
    assert abs(found[0] - first) < 4 * error * np.sqrt(1 + 9600 / 1500)
    assert (np.diff(found) >= 0).all()
    assert found[0] < truth - 10 * error
    # Its gap at K is about the variance of w / (2 K E[w]²) (Domke & Sheldon 2018).
    ratio = np.exp(weights - truth)
    assert abs(ratio.mean() - 1) < 5 * ratio.std() / np.sqrt(len(ratio))
    every = importance_bound(weights, len(weights))
    assert abs(every - truth) < 5 * ratio.std() / np.sqrt(len(ratio))
    assert truth - found[-1] < 0.7 * (truth - found[0])


def test_the_gap_of_the_elbo_is_the_kl_divergence_from_the_true_posterior():
    model = small()
    x, digits = one(model)
    mu, log_var = (value[0].astype(float) for value in model.encode(x[None], digits.encoder))
    z = np.linspace(-8, 8, 4001)
    step = z[1] - z[0]
    q = np.exp(-((z - mu) ** 2) / (2 * np.exp(log_var))) / np.sqrt(2 * np.pi * np.exp(log_var))
    logits = model.decode_logits(z[:, None], one_hot(np.full(len(z), 3)))
    joint = log_likelihood(model.params, x, logits) - 0.5 * z**2 - 0.5 * np.log(2 * np.pi)
    posterior = joint - exact(model, x, 3)
    gap = (q * (np.log(q + 1e-300) - posterior)).sum() * step
    expected = exact(model, x, 3) - gap
    # The mean over q by quadrature in the place of random z.
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    found = sum(
        weight * elbo(model, x[None], digits, np.array([[node]]))[0]
        for node, weight in zip(nodes, weights / weights.sum(), strict=True)
    )
    assert found == pytest.approx(expected, abs=1e-3)


def test_the_integral_over_a_plane_is_above_all_bounds_and_that_of_a_finer_grid(monkeypatch):
    model, examples = load("plane"), first_test_examples().part(slice(2))
    for x, digit in zip(examples.x, examples.y, strict=True):
        (found,) = bounds.integral(model, x[None], one_hot(digit))
        digits = digit_inputs(model, x[None], [digit])
        weights = log_weights(model, x, digits, same_eps(2048, 2))
        below = [importance_bound(weights, k) for k in (1, 64, 2048)]
        assert below == sorted(below) and below[-1] - 0.02 <= found < below[-1] + 0.5
        with monkeypatch.context() as patch:
            patch.setattr(bounds, "GRID", np.arange(-100, 101) / 20)
            finer = bounds.integral(model, x[None], one_hot(digit))[0]
        assert found == pytest.approx(finer, abs=0.02)


def test_it_is_the_loss_of_the_evaluation(mnist, classic):
    examples = mnist.test.part(slice(200))
    metrics = evaluate(classic, examples)
    digit_prob = softmax(classic.classify(examples.x))
    mu, log_var = classic.encode(examples.x, digit_prob)
    kl = kl_per_dimension(mu, log_var).sum(1).mean()
    assert kl == pytest.approx(metrics["kl"], rel=1e-5)
    eps = same_eps(8, classic.params.z_dim)
    found = elbo(classic, examples.x, DigitInputs(digit_prob, digit_prob), eps).mean()
    assert found == pytest.approx(-metrics["recon"] - kl, rel=0.02)


def test_the_decoder_reads_digits_by_the_prior_and_the_integrals():
    model = small(scale=0.4)
    x = first_test_examples().x[:3]
    eps = same_eps(500, 1)
    elbos = digit_elbos(model, x, eps)
    for digit in (0, 7):
        label = one_hot(np.full(3, digit))
        np.testing.assert_allclose(elbos[:, digit], elbo(model, x, DigitInputs(label, label), eps))
        for row in range(3):
            assert elbos[row, digit] <= exact(model, x[row], digit) + 0.2
    prior = np.array(TRAINING_COUNTS) / 60_000
    joint = prior * np.exp(elbos - elbos.max(1, keepdims=True))
    expected = joint / joint.sum(1, keepdims=True)
    np.testing.assert_allclose(digit_posterior(elbos), expected, rtol=1e-9)


def test_a_decoder_with_the_label_reads_digits_nearly_as_well_as_the_classifier(mnist):
    model = load("fast")
    x, y = mnist.test.part(slice(300))
    found = digit_posterior(digit_elbos(model, x, same_eps(1, model.params.z_dim))).argmax(1)
    assert (found == y).mean() > 0.95


def test_the_prior_is_the_share_of_each_digit_in_the_training_set(mnist):
    assert tuple(np.bincount(mnist.train.y)) == TRAINING_COUNTS
