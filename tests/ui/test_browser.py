"""The app as a person meets it: a real server and a real Chromium."""

import re

import pytest
from browsing import (
    DESKTOP,
    ONE,
    PAGES,
    PHONE,
    SEVEN,
    background,
    draw,
    go_to,
    heading,
    ink,
    inside,
    own_button,
    picture,
    seen,
    visit,
    wide,
)
from conftest import wait_until

from vae import load
from vae.model.registry import available


def test_a_drawn_1_is_read_as_1(browser, server):
    with visit(browser, server.url) as page:
        heading(page, "What you will see").wait_for()
        draw(page, ONE)
        heading(page, "It is a 1").wait_for()
        page.get_by_test_id("stVegaLiteChart").nth(1).wait_for()
        for alt in ("The drawing as the model sees it", "The model's reconstruction"):
            image = page.get_by_alt_text(alt)
            wait_until(lambda image=image: image.evaluate("image => image.naturalWidth") == 28)
        assert page.hosts == {server.url.split("/")[2]}, "nothing comes from elsewhere"


def test_a_drawing_survives_a_page_switch_and_can_be_taken_back(browser, server):
    with visit(browser, server.url) as page:
        draw(page, SEVEN)
        heading(page, "It is a 7").wait_for()
        go_to(page, "Generate")
        picture(page)
        go_to(page, "Draw")
        heading(page, "It is a 7").wait_for()
        assert ink(page) > 1000, "the strokes are on the canvas again"
        for line in ([(20, 140), (260, 140)], [(20, 200), (260, 200)]):
            before = seen(page)
            draw(page, [line])
            wait_until(lambda before=before: seen(page) != before)
        for _ in range(2):
            before = seen(page)
            own_button(page, "Undo").click()
            wait_until(lambda before=before: seen(page) != before)
        heading(page, "It is a 7").wait_for()
        own_button(page, "Clear").click()
        heading(page, "What you will see").wait_for()
        assert ink(page) == 0
        draw(page, ONE)
        heading(page, "It is a 1").wait_for()


def test_undo_and_clear_by_touch(browser, server):
    with visit(browser, server.url, PHONE, touch=True) as page:
        draw(page, SEVEN)
        heading(page, "It is a 7").wait_for()
        own_button(page, "Undo").tap()
        heading(page, "What you will see").wait_for()
        draw(page, ONE)
        heading(page, "It is a 1").wait_for()
        own_button(page, "Clear").tap()
        heading(page, "What you will see").wait_for()


def test_knobs_change_the_picture_and_the_link_reproduces_it(browser, server):
    with visit(browser, f"{server.url}/generate") as page:
        first = picture(page)
        knob = page.get_by_role("slider", name="z0")
        knob.focus()
        for _ in range(10):
            knob.press("ArrowRight")
        page.wait_for_url(re.compile("z0=1"))
        wait_until(lambda: picture(page) != first)
        turned = picture(page)
        page.get_by_role("button", name="Surprise me").click()
        page.wait_for_url(re.compile("seed="))
        wait_until(lambda: picture(page) != turned)
        surprised = picture(page)
        with visit(browser, page.url) as other:
            wait_until(lambda: picture(other) == surprised)
        go_to(page, "Draw")
        heading(page, "Draw a digit").wait_for()
        go_to(page, "Generate")
        wait_until(lambda: picture(page) == surprised)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download PNG").click()
        assert download.value.path().read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("path", PAGES)
def test_the_first_request_may_be_a_deep_link(browser, cold_server, path):
    with visit(browser, cold_server.url + path) as page:
        page.get_by_text(PAGES[path]).first.wait_for()
        for name in ("Draw", "Generate", "Train", "Runs"):
            assert page.get_by_role("link", name=name).first.is_visible()
        page.get_by_role("combobox", name=re.compile("Model")).wait_for()
        assert page.get_by_role("dialog").count() == 0, "Streamlit says «Page not found»"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_in_both_themes(browser, server, path):
    with visit(browser, server.url + path, PHONE) as page:
        page.get_by_text(PAGES[path]).first.wait_for()
        if path == "/":
            draw(page, SEVEN)
            heading(page, "It is a 7").wait_for()
            page.get_by_test_id("stVegaLiteChart").nth(1).wait_for()
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
            wait_until(lambda: not wide(page))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            wait_until(lambda scheme=scheme: (background(page) > 200) == (scheme == "light"))


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
        assert inside(page, error), "nobody has to scroll to the error"
        assert not (server.home / "weights" / "false.safetensors").exists()


def test_the_canvas_has_no_toolbar_of_its_own(browser, server):
    with visit(browser, server.url) as page:
        draw(page, ONE)
        heading(page, "It is a 1").wait_for()
        page.locator("canvas.upper-canvas").hover()
        assert page.locator(".dc-toolbar").count() == 1
        assert not page.locator(".dc-toolbar").is_visible()
        assert page.get_by_role("button", name="Edit").count() == 0
        assert page.get_by_role("button", name="Undo").count() == 1


@pytest.mark.parametrize("size", [(1280, 900), (1920, 1080), (1280, 720)])
@pytest.mark.parametrize("columns", [1, 8, 12])
def test_the_picture_and_its_buttons_fit_into_the_window(browser, server, size, columns):
    with visit(browser, f"{server.url}/generate?count={columns}", size) as page:
        picture(page)
        shown = page.get_by_alt_text("A grid of generated digits")
        download = page.get_by_role("button", name="Download PNG")
        wait_until(lambda: inside(page, shown) and inside(page, download))
        box = shown.bounding_box()
        natural = shown.evaluate("image => image.naturalWidth / image.naturalHeight")
        assert box["width"] / box["height"] == pytest.approx(natural, rel=0.02)


def test_the_link_to_a_picture_is_copied(browser, server):
    with visit(browser, f"{server.url}/generate?z0=1.5") as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        picture(page)
        page.get_by_role("button", name="Copy link to this picture").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_the_confusion_matrix_can_be_read(browser, server):
    with visit(browser, f"{server.url}/?model=classic") as page:
        page.get_by_role("button", name="Model card").click()
        page.get_by_role("table").filter(has_text="true digit").wait_for()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            wait_until(lambda scheme=scheme: (background(page) > 200) == (scheme == "light"))
            contrasts = page.evaluate(CELL_CONTRASTS)
            assert len(contrasts) > 50 and min(contrasts) >= 4.5


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
