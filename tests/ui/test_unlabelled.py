"""Draw and Generate with a model whose decoder gets no digit, in a browser."""

import base64
import io

import numpy as np
from browsing import SEVEN, at_rest, draw, go_to, own_button, picture, pixels, visit
from conftest import wait_until
from PIL import Image

from ui.generate.choices import Choices, images
from vae import load
from vae.analysis.latent import decode_grid
from vae.images import grid

SEED, COLUMNS = 3, 5


def as_bytes(url):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("L"))


def shows(page, expected):
    """Wait until the browser has drawn these images (rows, columns, 784)."""
    expected = grid(expected, gap=2).astype(int)
    page.locator("canvas[aria-label='A grid of generated digits']").wait_for()
    wait_until(lambda: page.locator(".vae-first").count() == 0)

    def same():
        found = as_bytes(picture(page)).astype(int)
        return found.shape == expected.shape and np.abs(found - expected).max() <= 2

    wait_until(same)


def test_pages_of_a_model_without_labels(browser, server):
    model = load("unlabelled")
    contrast = float(round(model.metrics["contrast"], 1))
    link = f"{server.url}/generate?model=unlabelled&digits=3&z0=0.5&seed={SEED}&count={COLUMNS}"
    with visit(browser, link) as page:
        # Ten images in each column, each from a z of its own.
        rng = np.random.default_rng(SEED)
        eps = rng.standard_normal((COLUMNS, 10, 2), np.float32)
        z = np.float32([0.5, 0]) + eps.transpose(1, 0, 2)
        shows(page, model.decode(z.reshape(-1, 2), np.zeros((50, 10)), contrast).reshape(10, 5, -1))
        page.get_by_text("gets z and no digit").wait_for()
        assert page.get_by_text("Digits (one row each)").count() == 0
        assert page.get_by_text("Samples from").count() == 0
        assert page.get_by_text("In the link").count() == 0
        with page.expect_download() as download:
            own_button(page, "Download PNG").click()
        still = np.asarray(Image.open(download.value.path()))[::4, ::4].astype(int)
        assert np.abs(still - as_bytes(picture(page))).max() <= 2

        page.get_by_role("radio", name="Sweep").click()
        z = np.empty((10, COLUMNS, 2), np.float32)
        z[..., 0] = np.linspace(-3, 3, COLUMNS)
        z[..., 1] = eps[0, :, 1:]
        shows(page, model.decode(z.reshape(-1, 2), np.zeros((50, 10)), contrast).reshape(10, 5, -1))
        page.get_by_role("radio", name="Pad").click()
        shows(page, decode_grid(model, [0], np.float32([[0.5, 0]]), contrast))

        go_to(page, "Draw")
        page.get_by_text("so z holds which digit it is, too").wait_for()
        assert not page.get_by_text("The same z as each digit").is_visible()
        assert not page.get_by_label("This z drawn as 9").is_visible()
        wait_until(lambda: own_button(page, "Sample again").is_enabled())
        redrawn = page.get_by_label("The model's reconstruction")
        before = pixels(redrawn)
        draw(page, SEVEN)
        at_rest(page)
        wait_until(lambda: pixels(redrawn) != before)
        sliders = [page.get_by_role("slider", name=name, exact=True) for name in ("z0", "z1")]

        def is_of_its_z():
            z = [float(slider.get_attribute("aria-valuenow")) for slider in sliders]
            expected = model.decode([z], np.zeros((1, 10))).reshape(28, 28) * 255
            return np.abs(as_bytes(pixels(redrawn)) - expected).max() < 12  # z has two decimals.

        wait_until(is_of_its_z)
        page.get_by_label("Model", exact=True).click()
        page.get_by_role("option", name="plane").click()
        page.get_by_label("This z drawn as 9").wait_for()


def test_more_columns_leave_the_first_ones_as_they_are():
    model = load("unlabelled")

    def shown(count):
        values = {"z0": 0.0, "z1": 0.0, "count": count, "spread": 1.0, "c": 1.0}
        chosen = Choices(list(range(10)), "Sample", 1, False, "z0", ("z0", "z1"), "c", values)
        return images(model, chosen)

    assert np.allclose(shown(8)[:, :3], shown(3), atol=1e-6)
    assert len(np.unique(shown(3).reshape(30, -1).round(3), axis=0)) == 30
