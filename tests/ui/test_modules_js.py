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
    load_module(page, "engine/maths")
    mu, log_var = np.random.default_rng(0).normal(0, 2, (2, 50)).astype(np.float32)
    given = [mu.tolist(), log_var.tolist()]
    kl = page.evaluate("([mu, logVar]) => [...module.klPerDimension(mu, logVar)]", given)
    assert np.allclose(kl, losses.kl_per_dimension(mu, log_var), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
def test_the_reconstruction_cost_is_that_of_training(page, likelihood):
    load_module(page, "engine/loss")
    rng = np.random.default_rng(0)
    x = rng.random(784, np.float32)
    logits = rng.uniform(-10, 10, 784).astype(np.float32)
    cost = page.evaluate(
        "([x, logits, params]) => module.imageCost(x, logits, params)",
        [x.tolist(), logits.tolist(), {"likelihood": likelihood, "decoder_std": 0.3}],
    )
    if likelihood == "gaussian":
        expected = losses.gaussian_nll(x, 1 / (1 + np.exp(-logits)), 0.3)
    else:
        expected = losses.bernoulli_nll(x, logits)
    assert cost == pytest.approx(float(expected), rel=1e-4)


def test_the_pad_ignores_keys_before_it_shows_values_and_a_pointer_that_it_has_lost(page):
    load_module(page, "generate/pad")
    page.evaluate(
        """() => {
            globalThis.events = []
            const report = (name) => () => events.push(name)
            const listener = { padMoved: report("moved"), padReleased: report("released") }
            const on = (target, event, act) => target.addEventListener(event, act)
            const host = { on, guard: (act) => act }
            globalThis.pad = new module.Pad(listener, host)
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


def test_what_is_sent_while_another_page_is_opened_waits_for_it(page):
    load_module(page, "components/page_change")
    page.evaluate(
        """() => {
            globalThis.sent = []
            const link = (href) => Object.assign(document.createElement("a"), { href })
            globalThis.other = link("/other")
            globalThis.here = link(location.pathname + "#below")
            document.body.append(other, here)
            addEventListener("click", (event) => event.preventDefault())
            globalThis.mount = (name) => {
                const parentElement = document.body.appendChild(document.createElement("div"))
                const setTriggerValue = (event, value) => sent.push(`${name} ${event} ${value}`)
                return { parentElement, send: module.sender({ parentElement, setTriggerValue }) }
            }
        }"""
    )
    page.evaluate("globalThis.stays = mount('stays'); globalThis.leaves = mount('leaves')")

    page.evaluate("here.click(); stays.send('turned', 1)")
    assert page.evaluate("sent") == ["stays turned 1"], "the same page is no other page"
    page.evaluate("new Promise((done) => setTimeout(done, 200))")  # A link waits as long.
    page.evaluate("other.click(); stays.send('turned', 2)")
    page.evaluate("leaves.send('turned', 3)")
    assert page.evaluate("sent.length") == 1
    page.evaluate("document.body.dataset.testScriptState = 'running'; other.remove()")
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    assert page.evaluate("sent.length") == 1, "the page is not complete yet"
    page.evaluate("leaves.parentElement.remove()")
    page.evaluate("document.body.dataset.testScriptState = 'notRunning'")
    page.wait_for_function("sent.length == 2")
    page.evaluate("stays.send('turned', 4)")
    assert page.evaluate("sent") == [f"stays turned {i}" for i in (1, 2, 4)]

    page.evaluate(
        """() => {
            globalThis.heading = document.createElement("h1")
            document.body.append(heading)
            heading.dataset.page = location.pathname.split("/").at(-1)
            dispatchEvent(new PopStateEvent("popstate"))
            stays.send("turned", 5)
        }"""
    )
    assert page.evaluate("sent.at(-1)") == "stays turned 5", "back to another step of this page"
    page.evaluate(
        """() => {
            heading.dataset.page = "other"
            dispatchEvent(new PopStateEvent("popstate"))
            stays.send("turned", 6)
        }"""
    )
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    assert page.evaluate("sent.at(-1)") == "stays turned 5"
    page.evaluate("heading.remove()")
    page.wait_for_function("sent.at(-1) === 'stays turned 6'")

    # Streamlit's link to the first page is empty.
    page.evaluate(
        """() => {
            globalThis.first = Object.assign(document.createElement("a"), { href: "" })
            document.body.append(first)
        }"""
    )
    page.evaluate("new Promise((done) => setTimeout(done, 200))")
    page.evaluate("first.click(); stays.send('turned', 7)")
    assert page.evaluate("sent.at(-1)") == "stays turned 6"
    page.evaluate("first.remove()")
    page.wait_for_function("sent.at(-1) === 'stays turned 7'")


def test_a_link_waits_for_what_was_typed_or_sent_before(page):
    load_module(page, "components/page_change")
    page.evaluate(
        """() => {
            globalThis.followed = 0
            document.body.innerHTML = '<a href="/other">Other</a><input>' +
                '<form data-testid="stForm"><input></form><input type="range">'
            addEventListener("click", (event) => {
                followed += 1
                globalThis.at = performance.now()
                event.preventDefault()
            })
            globalThis.state = (value) => document.body.dataset.testScriptState = value
            state("notRunning")
        }"""
    )
    link = page.get_by_role("link")
    field, in_form, slider = page.locator("input").all()

    def followed(count):
        page.wait_for_function(f"followed === {count}")

    link.click()
    in_form.fill("a note")
    link.click()
    slider.fill("60")
    link.click()
    assert page.evaluate("followed") == 3, "at once"

    field.fill("seven")
    link.click()
    begun = page.evaluate("state('running'), performance.now()")
    followed(4)
    assert page.evaluate("at") - begun >= 150, "a run that has only begun has read nothing yet"
    page.evaluate("state('notRunning')")
    link.click()
    assert page.evaluate("followed") == 5, "at once"

    page.evaluate("document.querySelector('a').setAttribute('href', '?use=classic')")
    field.fill("eight")
    link.click()
    assert page.evaluate("followed") == 5, "a link without a path leads to the first page"
    followed(6)  # No run comes.

    page.evaluate(
        """() => {
            document.querySelector("a").remove()  // The page that it led to is there.
            const parentElement = document.body.appendChild(document.createElement("div"))
            const link = document.body.appendChild(document.createElement("a"))
            link.href = "/another"
            const setTriggerValue = () => {
                link.click()
                globalThis.afterSending = followed
            }
            globalThis.send = module.sender({ parentElement, setTriggerValue })
        }"""
    )
    page.evaluate("send('turned', 1)")
    followed(7)
    assert page.evaluate("afterSending") == 6
