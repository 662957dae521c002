"""What the browser tests of the Draw page share."""

import numpy as np
from browsing import at_rest, own_button, pixels
from conftest import wait_until


def ready(page):
    """Wait until the model is in the browser."""
    page.get_by_label("This z drawn as 9").wait_for()
    wait_until(lambda: own_button(page, "Sample again").is_enabled())


def likeliest(page):
    return int(page.locator(".bars .likeliest th").inner_text())


def redrawn(page):
    return pixels(page.get_by_label("The model's reconstruction"))


def grays(page):
    """The 784 gray values of what the model sees."""
    return page.get_by_label("The drawing as the model sees it").evaluate(
        """canvas => Array.from(canvas.getContext("2d").getImageData(0, 0, 28, 28).data)
            .filter((_, i) => i % 4 === 0)"""
    )


def alike(one, other):
    """Whether two pictures differ by no more than the rounding of the strokes to whole pixels."""
    return np.abs(np.subtract(one, other)).max() <= 60


def z(page, i=0):
    return float(
        page.get_by_role("slider", name=f"z{i}", exact=True).get_attribute("aria-valuenow")
    )


def answered(page, before):
    """Wait for Python's answer that follows the one with this mark."""
    mark = page.locator("[data-answer]")
    wait_until(lambda: mark.get_attribute("data-answer") != before)
    at_rest(page)


def choose_model(page, name):
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name=name, exact=True).click()
