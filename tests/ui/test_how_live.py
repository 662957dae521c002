"""The live parts of the first four steps: their numbers are those of the NumPy model."""

import re

import numpy as np
import pytest
from browsing import copied, own_button, show_step, visit
from conftest import wait_until

from ui.shared.address import FIRST_DIGIT
from vae import load
from vae.data.mnist import first_test_examples, one_hot
from vae.model.numpy_model import sigmoid, softmax

ROUNDING = 0.0101
"""Of a number with two decimals, whose weights are float16 in the browser."""


def number(text):
    """The last number in a text, which has a minus sign of its own."""
    return float(re.findall(r"−?\d+(?:\.\d+)?", text)[-1].replace("−", "-"))


def numbers(page, step):
    """The numbers in the rows of a step: (dimensions, numbers in a row)."""
    rows = page.locator(f".{step} .body .row").all()
    return np.array([[number(t) for t in row.locator(".number").all_inner_texts()] for row in rows])


def text(page, part):
    return page.locator(part).inner_text()


class Reading:
    """What the NumPy model says about the image that the page begins with."""

    def __init__(self, name):
        self.model = load(name)
        self.x = first_test_examples().x[FIRST_DIGIT]
        self.prob = softmax(self.model.classify(self.x[None]))
        self.mu, self.log_var = self.model.encode(self.x[None], self.prob)

    def cost_per_pixel(self, z, prob):
        """(n, z_dim), (n, 10) → (n, 784) nats."""
        logits = self.model.decode_logits(z, prob).astype(float)
        if self.model.params.likelihood == "gaussian":
            return (self.x - sigmoid(logits)) ** 2 / (2 * self.model.params.decoder_std**2)
        return np.logaddexp(0, logits) - logits * self.x

    def cost(self, z, prob):
        return self.cost_per_pixel(z, prob).sum(1)


def kl(mu, log_var):
    return float(-0.5 * (1 + log_var - mu**2 - np.exp(log_var)).sum())


def drag(page, slider, value):
    page.locator(slider).evaluate(
        """(input, value) => {
            input.value = value
            input.dispatchEvent(new Event("input", { bubbles: true }))
        }""",
        str(value),
    )


@pytest.fixture(scope="module")
def conv():
    return Reading("conv")


@pytest.fixture(scope="module")
def page(browser, server):
    with visit(browser, f"{server.url}/how-it-works?model=conv", (1280, 900)) as page:
        yield page


def test_encode_shows_the_encoders_output(page, conv):
    show_step(page, "1 Encode", ".encode .row")
    shown = numbers(page, "encode")
    expected = np.stack([conv.mu[0], conv.log_var[0], np.exp(0.5 * conv.log_var[0])], 1)
    assert np.abs(shown - expected).max() < ROUNDING
    page.locator(".encode .body .row").nth(3).click()
    for output, impossible in [(-6, True), (2, False), (-0.5, True)]:
        drag(page, ".encode .output", output)
        sigma = number(text(page, ".readings .sigma"))
        assert sigma == pytest.approx(np.exp(output / 2), abs=ROUNDING) and sigma > 0
        assert ("no such σ" in text(page, ".readings .itself")) == impossible
    page.locator(".encode .back").click()
    shown = number(text(page, ".encode .value"))
    assert shown == pytest.approx(conv.log_var[0, 3], abs=ROUNDING)


def test_sample_moves_with_mu_and_sigma(page, conv):
    show_step(page, "2 Sample", ".sample .row")
    rows = page.locator(".sample .body .row")
    rows.nth(2).click()
    eps, z = numbers(page, "sample").T
    sigma = np.exp(0.5 * conv.log_var[0])
    assert np.abs(conv.mu[0] + sigma * eps - z).max() < 2 * ROUNDING
    # z is known to two decimals only.
    assert number(text(page, ".sample .pair .cost")) == pytest.approx(
        conv.cost(z[None], conv.prob)[0], abs=3
    )
    drag(page, ".sample .mu", 1)
    drag(page, ".sample .sigma", 0.5)
    moved = numbers(page, "sample")
    assert np.array_equal(moved[:, 0], eps), "ε is frozen"
    assert moved[2, 1] == pytest.approx(1 + 0.5 * eps[2], abs=ROUNDING)
    others = np.arange(len(z)) != 2
    assert np.array_equal(moved[others, 1], z[others])
    z = moved[:, 1]
    page.locator(".sample .mu").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    wait_until(lambda: abs(numbers(page, "sample")[2, 1] - z[2] - 0.1) <= ROUNDING)
    assert f"ε = {text(page, '.sample .epsilon-value')}" in text(page, ".sample .with")
    said = text(page, ".sample .numbers")
    slope = number(re.search(r"the cost by (−?[\d.]+) nats", said)[1])
    by_sigma = number(re.search(r"∂cost/∂σ = .* = (−?[\d.]+)\.", said)[1])
    assert by_sigma == pytest.approx(
        slope * eps[2], abs=0.06 + 0.06 * abs(eps[2]) + 0.006 * abs(slope)
    )
    at = numbers(page, "sample")[:, 1]
    nudge = 0.02 * (np.arange(len(z)) == 2)
    up, down = (conv.cost((at + side)[None], conv.prob)[0] for side in (nudge, -nudge))
    assert slope == pytest.approx((up - down) / 0.04, abs=3 + 0.1 * abs(slope))
    page.locator(".sample .again").click()
    wait_until(lambda: not np.array_equal(numbers(page, "sample")[:, 0], eps))
    page.locator(".sample .back").click()
    assert number(text(page, ".sample .mu-value")) == pytest.approx(conv.mu[0, 2], abs=ROUNDING)


def test_label_shows_ten_labels_and_a_wrong_one(page, conv):
    show_step(page, "3 Label", ".ten [aria-checked=true]")
    tens = conv.cost(np.repeat(conv.mu, 10, 0), one_hot(range(10)))
    shown = [number(t) for t in page.locator(".ten span").all_inner_texts()]
    assert np.abs(np.array(shown) - tens).max() < 0.7
    page.locator(".ten button").nth(6).click()
    page.keyboard.press("ArrowRight")
    wait_until(lambda: page.locator(".ten [aria-checked=true] b").inner_text() == "7")
    label = one_hot([7])
    mu, log_var = conv.model.encode(conv.x[None], label)
    shown = numbers(page, "label")
    assert np.abs(shown - np.stack([conv.mu[0], mu[0]], 1)).max() < ROUNDING
    cost = conv.cost(mu, label)[0]
    assert number(text(page, ".label .wrong-cost")) == pytest.approx(cost, abs=0.2)
    rest = text(page, ".label .rest")
    assert f"from {kl(conv.mu, conv.log_var):.1f} to {kl(mu, log_var):.1f} nats" in rest
    moved = number(re.search(r"moves by ([\d.]+)", rest)[1])
    assert moved == pytest.approx(np.linalg.norm(mu - conv.mu), abs=ROUNDING)


def test_a_copied_link_has_what_was_chosen_in_the_steps(browser, page):
    show_step(page, "3 Label", ".ten button")
    page.locator(".ten button").nth(7).click()
    with visit(browser, copied(page), (1280, 900)) as other:
        chosen = other.locator(".ten [aria-checked=true]")
        wait_until(lambda: chosen.count() == 1 and chosen.locator("b").inner_text() == "7")
        own_button(other, "Back").click()
        other.locator(".sample .body .row").nth(4).click()
        other.goto(copied(other))
        row = other.locator(".sample .body .row").nth(4)
        row.and_(other.locator("[aria-pressed=true]")).wait_for()


def test_decode_shows_the_error_of_each_pixel(page, conv):
    show_step(page, "4 Decode", ".decode .total")
    page.locator(".decode .total").get_by_text("nats").wait_for()
    costs = conv.cost_per_pixel(conv.mu, conv.prob)[0]
    image = conv.model.decode(conv.mu, conv.prob)[0]
    assert number(text(page, ".decode .total")) == pytest.approx(costs.sum(), abs=0.2)

    def reads(row, column):
        pixel = 28 * row + column
        wait_until(lambda: text(page, ".decode .place") == f"row {row}, column {column}")
        expected = [conv.x[pixel], image[pixel], image[pixel] - conv.x[pixel], costs[pixel]]
        names = ("true", "drawn", "signed", "cost")
        shown = lambda: [number(text(page, f".decode .{name}")) for name in names]  # noqa: E731
        wait_until(lambda: np.abs(np.array(shown()) - expected).max() < 2 * ROUNDING)

    reads(*divmod(int(costs.argmax()), 28))
    box = page.locator(".decode .redrawn").bounding_box()
    side = box["width"] / 28
    page.mouse.move(box["x"] + 14.5 * side, box["y"] + 9.5 * side)
    reads(9, 14)
    page.locator(".decode [role=slider]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    reads(10, 13)
    drag(page, ".decode .count", 1)
    captions = page.locator(".means figcaption")
    grays = [int(number(t.removesuffix(" gray pixels"))) for t in captions.all_inner_texts()]
    assert grays[0] == grays[2], "the mean of one is that one"
    assert grays[1] == 0, "a sample of Bernoulli pixels is black and white"
    drag(page, ".decode .count", 64)
    # The mean of many is grayer.
    wait_until(lambda: number(captions.last.inner_text()) > max(grays[3:5]))


def test_models_without_labels_and_whose_encoder_does_not_see_one_say_so(page, server):
    url = f"{server.url}/how-it-works?step=label&model"
    page.goto(f"{url}=classic")
    page.locator(".label .rest").get_by_text("does not get the label").wait_for()
    before, now = numbers(page, "label").T
    assert np.array_equal(before, now)
    page.goto(f"{url}=unlabelled")
    page.get_by_text("This model has no label").wait_for()
    page.locator(".label .ten").wait_for(state="hidden")
    plain = Reading("unlabelled")
    alone = number(text(page, ".label .alone-cost"))
    assert alone == pytest.approx(plain.cost(plain.mu, plain.prob)[0], abs=0.3)
