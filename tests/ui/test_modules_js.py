"""Single modules of the browser side, each in an empty page of a real Chromium."""

import numpy as np
import pytest
from browsing import load_module

from vae.model import losses


@pytest.fixture
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


def test_the_kl_divergence_is_that_of_training(page):
    load_module(page, "model/maths")
    mu, log_var = np.random.default_rng(0).normal(0, 2, (2, 50)).astype(np.float32)
    given = [mu.tolist(), log_var.tolist()]
    kl = page.evaluate("([mu, logVar]) => [...module.klPerDimension(mu, logVar)]", given)
    assert np.allclose(kl, losses.kl_per_dimension(mu, log_var), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
def test_the_reconstruction_cost_is_that_of_training(page, likelihood):
    load_module(page, "model/loss")
    rng = np.random.default_rng(0)
    x = rng.random(784, np.float32)
    logits = rng.uniform(-10, 10, 784).astype(np.float32)
    redrawn = 1 / (1 + np.exp(-logits))
    cost = page.evaluate(
        "([x, redrawn, params]) => module.reconstructionCost(x, redrawn, params)",
        [x.tolist(), redrawn.tolist(), {"likelihood": likelihood, "decoder_std": 0.3}],
    )
    if likelihood == "gaussian":
        expected = losses.gaussian_nll(x, redrawn, 0.3)
    else:
        expected = losses.bernoulli_nll(x, logits)
    assert cost == pytest.approx(float(expected), rel=1e-4)


def test_the_pad_ignores_keys_before_it_shows_values_and_a_pointer_that_it_has_lost(page):
    load_module(page, "generate/pad")
    page.evaluate(
        """() => {
            globalThis.events = []
            const report = (name) => (...at) => events.push(name)
            globalThis.pad = new module.Pad(report("moved"), report("released"), (act) => act)
            pad.describe(["z0", "z1"], 3)
            pad.square.style = "width: 200px; height: 200px"
            document.body.append(pad.square)
            addEventListener("error", (error) => events.push(error.message))
            pad.square.addEventListener("pointerdown", (event) => { pad.pointer = event.pointerId })
        }"""
    )
    square = page.get_by_role("slider")
    square.press("ArrowRight")
    assert page.evaluate("events") == []
    page.evaluate("pad.show(0, 0)")
    square.hover()
    page.mouse.down()
    page.mouse.move(120, 120)
    assert page.evaluate("pad.busy")
    page.evaluate("pad.square.releasePointerCapture(pad.pointer)")
    page.mouse.move(150, 150)
    page.wait_for_function("!pad.busy && events.includes('released')")
    count = page.evaluate("events.length")
    page.mouse.move(100, 100)
    page.mouse.up()
    assert page.evaluate("events.length") == count
