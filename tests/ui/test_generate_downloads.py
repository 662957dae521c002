"""What one takes home: links that restore what is on the screen, code, pictures and many digits."""

import numpy as np
import pytest
from browsing import (
    PHONE,
    at_rest,
    narrow_enough,
    own_button,
    visit,
)
from conftest import wait_until
from PIL import Image

import vae
from ui.generate import code, picture
from ui.generate.choices import Choices
from ui.shell.address import MODES, PAD, SAMPLE, SWEEP


def test_on_generate_are_png_files_code_and_many_digits(browser, server, tmp_path):
    with visit(browser, f"{server.url}/generate?model=fast&digits=1&digits=7&seed=5") as page:
        page.get_by_text("Latent knobs").wait_for()
        # The run that follows the browser's first picture replaces the files of the one before.
        page.locator("canvas[aria-label='A grid of generated digits']").wait_for()
        wait_until(lambda: page.locator("img.vae-first").count() == 0)
        at_rest(page)
        files = {}
        for size in (1, 4, 16):
            page.get_by_text(f"{size}×", exact=True).click()
            at_rest(page)
            with page.expect_download() as download:
                own_button(page, "Download PNG").click()
            files[size] = np.asarray(Image.open(download.value.path()))
            assert files[size].shape == (58 * size, (8 * 30 - 2) * size)
        for size in (4, 16):
            assert np.array_equal(files[size][::size, ::size], files[1])
        own_button(page, "More").click()
        page.get_by_text("Python code of this picture").wait_for()
        wait_until(lambda: "seed=5" in page.get_by_test_id("stCode").first.inner_text())
        page.get_by_text("Many digits").click()
        page.get_by_text("Takes about").wait_for()
        page.get_by_role("spinbutton", name="Images, 1 to 60,000").fill("1234")
        page.keyboard.press("Enter")
        page.get_by_text("x (1234, 28, 28)").wait_for()
        at_rest(page)
        with page.expect_download() as download:
            own_button(page, "Download NPZ").click()
        npz = download.value.path().read_bytes()
        assert npz == vae.generate_dataset(vae.load("fast"), 1234, 5, [1, 7]).to_npz()
        command = "vae generate fast --npz digits.npz --count 1234 --seed 5 --digits 17"
        wait_until(lambda: command in page.get_by_test_id("stCode").last.inner_text())
    with visit(browser, f"{server.url}/generate?model=classic", PHONE, touch=True) as page:
        own_button(page, "More").click()
        page.get_by_text("Many digits").click()
        page.get_by_text("Takes about").wait_for()
        narrow_enough(page)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["classic", "unlabelled"])
def test_the_code_makes_the_picture_that_is_downloaded(name, mode, tmp_path, monkeypatch):
    model = vae.load(name)
    knobs = {f"z{i}": round(0.1 * i - 0.3, 1) for i in range(model.params.z_dim)}
    values = {**knobs, "count": 5, "spread": 0.35, "contrast": 1.7}
    some = [0, 2, 3, 5, 6, 8, 9] if model.labelled else [*range(10)]
    for digits, own in ((some, False), (some[:1], model.labelled)):
        choices = Choices(digits, mode, 3, own, "z1", ("z0", "z1"), "contrast", values)
        text = code.of_picture(name, model, choices, 4, 4 * picture.GAP)
        monkeypatch.chdir(tmp_path)
        exec(compile(text, "code", "exec"), {})
        assert (tmp_path / "digits.png").read_bytes() == picture.png(model, choices, 4)
    assert {SAMPLE, SWEEP, PAD} == set(MODES)
