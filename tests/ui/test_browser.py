"""The app as a person meets it: a real server and a real Chromium."""

import re

import pytest
from browsing import PAGES, inside, show_scheme, visit
from conftest import wait_until

from vae import load
from vae.files.registry import available


@pytest.mark.parametrize("path", ["/train", "/how-it-works"])
def test_the_first_request_may_be_a_deep_link(browser, cold_server, path):
    with visit(browser, cold_server.url + path) as page:
        page.get_by_text(PAGES[path]).first.wait_for()
        page.get_by_role("heading", level=1).wait_for()
        links = page.locator(".st-key-header").get_by_role("link")
        wait_until(lambda: links.count() == len(PAGES) - 1)
        page.get_by_role("combobox", name=re.compile("Model")).wait_for()
        assert page.get_by_role("dialog").count() == 0, "Streamlit says «Page not found»"


def test_a_model_is_taken_home_and_brought_back(browser, server, tmp_path):
    with visit(browser, f"{server.url}/?model=classic") as page:
        page.get_by_role("button", name="Model card").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download this model").click()
        taken = tmp_path / "taken.safetensors"
        download.value.save_as(taken)
        assert taken.read_bytes() == available()["classic"].read_bytes()

        page.keyboard.press("Escape")
        page.get_by_role("button", name="Manage models").click()
        page.locator("input[type=file]").set_input_files(taken)
        page.get_by_role("button", name="Add to models").click()
        page.wait_for_url(re.compile("model=taken"))
        page.get_by_role("button", name="Add to models").wait_for(state="detached")
        assert load(server.home / "weights" / "taken.safetensors").params == load("classic").params

        false = tmp_path / "false.safetensors"
        false.write_bytes(b"not a model")
        page.locator("input[type=file]").set_input_files(false)
        page.get_by_role("button", name="Add to models").click()
        error = page.get_by_text("The file is damaged or is no safetensors file.")
        error.wait_for()
        wait_until(lambda: inside(page, error))  # It is visible without scrolling.
        assert not (server.home / "weights" / "false.safetensors").exists()


def test_the_confusion_matrix_can_be_read(browser, server):
    with visit(browser, f"{server.url}/?model=classic") as page:
        page.get_by_role("button", name="Model card").click()
        page.get_by_role("table").filter(has_text="true digit").wait_for()
        for scheme in ("light", "dark"):
            show_scheme(page, scheme)
            wait_until(lambda: len(page.evaluate(CELL_CONTRASTS)) > 50)
            wait_until(lambda: min(page.evaluate(CELL_CONTRASTS)) >= 4.5)


CELL_CONTRASTS = """() => {
    const channels = color => color.match(/[\\d.]+/g).map(Number)
    const luminance = rgb => rgb.slice(0, 3).reduce((sum, c, i) => {
        c /= 255
        const linear = c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
        return sum + [0.2126, 0.7152, 0.0722][i] * linear
    }, 0)
    const paper = element => {
        for (let e = element.parentElement; e; e = e.parentElement) {
            const color = channels(getComputedStyle(e).backgroundColor)
            if (color.length === 3 || color[3] === 1) return color
        }
    }
    return [...document.querySelectorAll(".confusion td")].filter(td => td.textContent).map(td => {
        const style = getComputedStyle(td), shade = channels(style.backgroundColor)
        const alpha = shade[3] ?? 1, under = paper(td)
        const cell = under.map((c, i) => alpha * shade[i] + (1 - alpha) * c)
        const both = [luminance(channels(style.color)), luminance(cell)].sort((a, b) => a - b)
        return (both[1] + 0.05) / (both[0] + 0.05)
    })
}"""
