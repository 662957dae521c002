"""A link to a drawing and a moved z, in a real browser."""

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
from browsing import at_rest, copied, draw, go_to, heading, own_button, pixels, visit
from conftest import wait_until
from draw_page import alike, grays

from vae.data.mnist import first_test_examples
from vae.data.strokes import unpack

FOUR = [[(110, 50), (80, 150), (200, 150)], [(170, 60), (165, 240)]]


def asked(url, name):
    return parse_qs(urlsplit(url).query)[name][0]


def drawn_as_each_digit(page):
    return [pixels(c) for c in page.locator("canvas[aria-label^='This z drawn as']").all()]


def test_a_link_restores_the_drawing_and_the_z(browser, server):
    with visit(browser, f"{server.url}/?model=fast") as page:
        heading(page, re.compile("It is")).wait_for()
        draw(page, FOUR)
        heading(page, "It is a 4").wait_for()
        assert "z" not in parse_qs(urlsplit(copied(page)).query), "z was not moved"
        track = page.get_by_role("slider", name="z2", exact=True)
        track.focus()
        for _ in range(5):
            track.press("ArrowRight")
        link, z = copied(page), track.get_attribute("aria-valuenow")
        assert asked(link, "model") == "fast"
        for stroke, line in zip(unpack(asked(link, "drawing")), FOUR, strict=True):
            ends = [stroke[0], stroke[-1]]
            assert np.abs(np.subtract(ends, [line[0], line[-1]])).max() <= 1
        before, strip = grays(page), drawn_as_each_digit(page)

        with visit(browser, link) as other:
            heading(other, "It is a 4").wait_for()
            at_rest(other)
            wait_until(lambda: alike(grays(other), before))
            wait_until(lambda: drawn_as_each_digit(other) == strip)
            slider = other.get_by_role("slider", name="z2", exact=True)
            wait_until(lambda: slider.get_attribute("aria-valuenow") == z)
            assert copied(other) == link
            other.reload()
            wait_until(lambda: other.locator("canvas[aria-label^='This z drawn']").count() == 10)
            wait_until(lambda: drawn_as_each_digit(other) == strip)
            go_to(other, "How it works")
            other.get_by_text("My drawing").wait_for()
            assert asked(copied(other), "drawing") == asked(link, "drawing")
            go_to(other, "Draw")
            heading(other, "It is a 4").wait_for()
            own_button(other, "A scribble").click()
            heading(other, "Not one digit").wait_for()
            other.wait_for_url(lambda url: "z=" not in url and asked(link, "drawing") not in url)
            go_to(other, "Generate")
            other.get_by_text("Latent knobs").wait_for()
            other.wait_for_url(lambda url: "drawing=" not in url)
            other.goto(f"{server.url}/?drawing=test-0")
            other.get_by_text("a test digit, labelled 7").first.wait_for()
            expected = np.rint(255 * first_test_examples().x[0])
            wait_until(lambda: np.abs(expected - grays(other)).max() <= 1)
            assert asked(copied(other), "drawing") == "test-0"
