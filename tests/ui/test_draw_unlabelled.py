"""Draw with a model whose decoder gets no digit."""

import numpy as np
from browsing import SEVEN, at_rest, decoded, draw, visit
from conftest import wait_until
from draw_page import choose_model, redrawn
from draw_page import z as shown_z

from vae import load


def test_the_reconstruction_is_of_z_alone(browser, server):
    model = load("unlabelled")
    with visit(browser, f"{server.url}/?model=unlabelled") as page:
        page.get_by_text("so z holds which digit it is, too").wait_for()
        assert not page.get_by_text("The same z as each digit").is_visible()
        assert not page.get_by_label("This z drawn as 9").is_visible()
        before = redrawn(page)
        draw(page, SEVEN)
        at_rest(page)
        wait_until(lambda: redrawn(page) != before)

        def is_of_its_z():
            z = [shown_z(page, i) for i in range(2)]
            expected = 255 * model.decode([z], np.zeros((1, 10))).reshape(28, 28)
            return np.abs(decoded(redrawn(page)) - expected).max() < 12  # z has two decimals.

        wait_until(is_of_its_z)
        choose_model(page, "plane")
        page.get_by_label("This z drawn as 9").wait_for()
