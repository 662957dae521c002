"""The steps of How it works that are about the loss: the browser against NumPy."""

import base64
import json
import re

import numpy as np
import pytest
from browsing import own_button, pixels, show_step, visit
from conftest import wait_until

from ui.how.beta import beta
from ui.how.readings import readings as readings_step
from ui.how.training_step import training_step
from vae import load
from vae.analysis import readings
from vae.analysis.bounds import (
    digit_elbos,
    digit_inputs,
    digit_posterior,
    importance_bound,
    integral,
    kl_per_dimension,
    log_likelihood,
    log_weights,
    same_eps,
)
from vae.analysis.gradient import Adam, Terms, adam_step, loss_terms
from vae.data.mnist import PIXELS, first_test_examples, one_hot
from vae.files import betas

INDEX = 33
"""A test digit of which the classifier and the decoder of `classic` say different things."""

SAMPLES, SEED = 512, 1
"""As in loss.js."""

HALF = 0.3
"""Nats by which the browser's figures may differ: its weights are float16."""


def normals(count, seed):
    """The numbers of `normals` in loss.js, by another implementation of mulberry32."""
    mask, values = 2**32 - 1, []
    for _ in range(2 * count):
        seed = (seed + 0x6D2B79F5) & mask
        t = ((seed ^ (seed >> 15)) * (seed | 1)) & mask
        t ^= (t + ((t ^ (t >> 7)) * (t | 61) & mask)) & mask
        values.append((t ^ (t >> 14)) / 2**32)
    u, v = np.array(values).reshape(-1, 2).T
    return np.sqrt(-2 * np.log(1 - u)) * np.cos(2 * np.pi * v)


def numbers(text):
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))]


@pytest.fixture(scope="module")
def page(browser, server):
    url = f"{server.url}/how-it-works?step=loss&model=classic&how_digit={INDEX}"
    with visit(browser, url, (1280, 900)) as page:
        page.locator(".how[data-ready] .loss").wait_for()
        yield page


def test_the_loss_is_that_of_numpy(page, classic):
    model, x, digit = classic, first_test_examples().x[INDEX], first_test_examples().y[INDEX]
    show_step(page, "5 Loss", ".how[data-ready] .loss")
    page.get_by_text(f"From {SAMPLES} z.").wait_for()
    digits = digit_inputs(model, x[None], [digit])
    eps = normals(SAMPLES * model.params.z_dim, SEED).reshape(SAMPLES, -1)
    weights = log_weights(model, x, digits, eps)
    mu, log_var = model.encode(x[None], digits.encoder)
    kl = kl_per_dimension(mu, log_var)[0]
    z = (mu + np.exp(0.5 * log_var) * eps).astype(np.float32)
    logits = model.decode_logits(z, np.repeat(digits.decoder, SAMPLES, 0))
    recon = -log_likelihood(model.params, x, logits).mean()
    assert numbers(page.locator(".recon-value").inner_text()) == pytest.approx([recon], abs=HALF)
    assert numbers(page.locator(".kl-value").inner_text()) == pytest.approx([kl.sum()], abs=HALF)
    shown = [numbers(row.split("\n")[-1])[0] for row in page.locator(".nat").all_inner_texts()]
    assert shown == pytest.approx(kl, abs=0.05)
    # The KL part is exact, which shifts all bounds alike.
    shift = -recon - kl.sum() - importance_bound(weights, 1)
    expected = [importance_bound(weights, k) + shift for k in (1, 4, 16, 64)]
    label = page.locator(".chart svg").get_attribute("aria-label")
    found = [float(value) for value in re.findall(r"(-?[\d.]+) for K", label)]
    assert found == pytest.approx(expected, abs=HALF)
    assert found == sorted(found)
    page.get_by_role("button", name="Mean").click()
    page.get_by_text("784/d = 784/10 = 78.4: the effective β is 78.4").wait_for()
    value = lambda name: numbers(page.locator(name).inner_text())  # noqa: E731
    wait_until(lambda: value(".recon-value") == pytest.approx([recon / 784], abs=0.002))
    wait_until(lambda: value(".kl-value") == pytest.approx([kl.sum() / 10], abs=0.05))


def test_the_integral_over_a_plane_is_that_of_numpy(page):
    model, x, digit = load("plane"), first_test_examples().x[INDEX], first_test_examples().y[INDEX]
    page.goto(page.url.replace("model=classic", "model=plane"))
    show_step(page, "5 Loss", ".how[data-ready] .loss")
    page.get_by_text("log p(x | y) itself, a sum over a grid of 6,561 z").wait_for()
    label = page.locator(".chart svg").get_attribute("aria-label")
    (exact,) = re.findall(r"log p\(x \| y\) is (-?[\d.]+)", label)
    assert float(exact) == pytest.approx(integral(model, x[None], one_hot(digit))[0], abs=HALF)
    page.goto(page.url.replace("model=plane", "model=classic"))


def test_the_readings_are_those_of_numpy(page, classic):
    model, x = classic, first_test_examples().x[INDEX]
    show_step(page, "6 Readings", ".how[data-ready] .readings")
    eps = same_eps(readings.SAMPLES, model.params.z_dim)
    elbos = digit_elbos(model, x[None], eps)[0]
    posterior = digit_posterior(elbos)
    probability = model.calibrated(model.classify(x[None]))[0]
    rows = [numbers(row) for row in page.locator(".rows .reading").all_inner_texts()]
    for digit, (name, by_classifier, by_decoder, elbo) in enumerate(rows):
        assert name == digit
        assert by_classifier == pytest.approx(100 * probability[digit], abs=0.5)
        assert by_decoder == pytest.approx(100 * posterior[digit], abs=2)
        assert elbo == pytest.approx(elbos[digit], abs=HALF)
    answers = probability.argmax(), posterior.argmax()
    verdict = page.locator(".verdict").inner_text()
    assert f"the classifier reads {answers[0]}, the decoder {answers[1]}" in verdict
    found = readings.measured(model)
    accuracies = [page.locator(f"b.{name}").inner_text() for name in ("classifier", "decoder")]
    assert [numbers(text)[0] for text in accuracies] == [
        round(100 * found.classifier, 2),
        round(100 * found.decoder, 2),
    ]
    # The classifier's accuracy is also in the model's file.
    assert found.classifier == pytest.approx(model.metrics["accuracy"], abs=2e-4)
    assert own_button(page, f"Test digit {found.where[0]}").is_visible()


def test_each_beta_shows_its_models_figures(page):
    show_step(page, "8 β", ".how[data-ready] .beta")
    models = betas.load_all()
    x, digit = first_test_examples().x[INDEX], first_test_examples().y[INDEX]
    knob = page.locator("input.knob")
    for i in (0, len(models) - 1):
        knob.fill(str(i))
        value, model = [*models.items()][i]
        digits = digit_inputs(model, x[None], [digit])
        mu, log_var = model.encode(x[None], digits.encoder)
        recon = -log_likelihood(model.params, x, model.decode_logits(mu, digits.decoder))[0]
        kl = kl_per_dimension(mu, log_var)[0]
        text = page.locator(".beta .about").inner_text()
        shown = numbers(text)
        assert shown[:3] == pytest.approx([value, recon, kl.sum()], abs=0.06)
        assert shown[3:5] == [model.metrics["active_units"], model.params.z_dim]
        assert page.locator(".nat.dark").count() == (kl < 0.05).sum()
        assert ("Collapsed" in text) == (model.metrics["active_units"] == 0)
        others = first_test_examples().part(slice(beta._OTHERS[0], beta._OTHERS[0] + 1))
        z, _ = model.encode(others.x, one_hot(others.y))
        change = np.abs(model.decode(z, digits.decoder) - model.decode(mu, digits.decoder)).mean()
        text = page.locator(".about-shuffle").inner_text()
        if change > 0.005:
            assert numbers(text) == pytest.approx([100 * change], abs=0.2)
        else:
            assert "changes nothing" in text


def test_shuffling_shows_the_z_of_each_other_image(page):
    show_step(page, "8 β", ".how[data-ready] .beta")
    page.locator("input.knob").fill("0")
    pictures = set()
    for _ in beta._OTHERS:
        own_button(page, "Shuffle z").click()
        wait_until(lambda: pixels(page.locator("canvas.shuffled")) not in pictures)
        pictures.add(pixels(page.locator("canvas.shuffled")))
    assert len(pictures) == len(beta._OTHERS)


def sent(app):
    """What the page has sent to the component of the step."""
    return json.loads(app.get("bidi_component")[-1].proto.json)[0]


@pytest.fixture
def how(app):
    """Show a step for the image."""
    app.session_state["how_digit"], app.session_state["how_rate"] = INDEX, 0.001
    app.query_params["model"] = "classic"

    def show(step):
        app.query_params["step"] = step
        return app.switch_page("../pages/how-it-works.py").run()

    return show


def test_a_step_of_the_training_is_shown_in_figures(how, classic):
    page = how("training_step")
    page.button(key="how_train").click().run()
    x, digit = first_test_examples().x[INDEX], int(first_test_examples().y[INDEX])
    eps = same_eps(training_step.MAX_STEPS, classic.params.z_dim, training_step._STEP_SEED)[0]
    trained = adam_step(Adam(classic, 0, {}, {}), x, digit, eps, 0.001).model
    many = same_eps(training_step._EPS, classic.params.z_dim, training_step._EPS_SEED)
    before, after = (loss_terms(model, x, digit, many).loss for model in (classic, trained))
    tables = next(h.proto.body for h in page.get("html") if "ts-images" in h.proto.body)
    row = re.search("<th>Loss</th>(.*?)</tr>", tables)[1]
    shown = numbers(re.sub("<.*?>", " ", row))
    assert shown == pytest.approx([before, after, after - before], abs=0.006)


def test_a_click_costs_one_training_step_and_a_rerun_none(how, monkeypatch):
    taken = []

    def counted(*arguments):
        taken.append(arguments)
        return adam_step(*arguments)

    monkeypatch.setattr(training_step, "adam_step", counted)
    training_step._after.clear()
    training_step._training.clear()
    page = how("training_step")
    for count in (1, 2, 3):
        page.button(key="how_train").click().run()
        assert len(taken) == count
    how("all")
    page.button(key="how_untrain").click().run()
    page.button(key="how_train").click().run()
    assert len(taken) == 3


def test_a_training_that_is_behind_goes_on_and_one_that_is_ahead_begins_anew(classic):
    x = first_test_examples().x[0]
    training = training_step._Training(classic)
    after = {steps: training.after(x, 7, 0.01, steps) for steps in (2, 5, 3, 2, 0)}
    again = training.after(x, 7, 0.01, 2)
    for name, tensor in again.tensors.items():
        assert np.array_equal(tensor, after[2].tensors[name])
    assert after[0] is classic


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        (5.0, 0.0, "fell by 5.0 nats. That of the other hardly changed."),
        (0.0, 0.04, "hardly changed. That of the other hardly changed."),
        (-0.04, 1.0, "hardly changed. That of the other fell by 1.0."),
        (3.0, 1.0, "fell by 3.0 nats. That of the other fell by 1.0, too."),
        (-2.0, -1.0, "rose by 2.0 nats: the step was too long"),
    ],
)
def test_the_verdict_on_a_step_does_not_name_a_change_of_nothing(own, other, expected):
    def figures(loss):
        return training_step._Figures(Terms(loss, 0, 0, 0), 0.5, None)

    said = training_step._verdict(
        [figures(100.0)] * 2, [figures(100 - own), figures(100 - other)], 1
    )
    assert expected in said


def test_a_model_that_was_not_measured_reads_test_digits(how, monkeypatch, tmp_path):
    damaged = tmp_path / "readings.json"
    damaged.write_text("{")
    monkeypatch.setattr(readings, "FILE", damaged)
    monkeypatch.setattr(readings_step, "_MAX_SECONDS", 0)
    readings_step._measured.clear()
    app = how("readings")
    button = app.button(key="how_read")
    assert f"first {readings_step._SLICE} test digits" in button.label
    assert any("seconds" in caption.value for caption in app.caption)
    button.click().run()
    assert sent(app)["readings"]["images"] == readings_step._SLICE
    assert not [button for button in app.button if button.key == "how_read"]
    readings_step._measured.clear()


def test_without_one_of_the_models_beta_shows_the_others(how, monkeypatch):
    path = betas.path
    monkeypatch.setattr(
        betas, "path", lambda b: path(b).with_suffix("" if b == 1 else ".safetensors")
    )
    app = how("beta")
    assert "missing or damaged: 1." in app.warning[0].value
    assert sent(app)["start"] == 0.5
    assert len(sent(app)["betas"]) == len(betas.BETAS) - 1


def test_the_image_does_not_get_its_own_z_as_another_ones(classic):
    x = first_test_examples().x
    for row, others in ((beta._OTHERS[1], len(beta._OTHERS) - 1), (0, len(beta._OTHERS))):
        shuffled = beta._figures(classic, x[row], 3)["shuffled"]
        assert len(base64.b64decode(shuffled)) == others * PIXELS
