"""The header of all pages, in a real browser: where it is, what it says, what it can bear."""

import os
import shutil

import pytest
from browsing import PAGES, at_rest, background, go_to, own_button, visit, wide
from conftest import wait_until
from streamlit.testing.v1 import AppTest

from vae import settings

DESKTOP, PHONE, NARROW = (1280, 900), (390, 844), (320, 640)
NAMES = {"/": "Draw", "/generate": "Generate", "/train": "Train", "/runs": "Runs"}
BUTTONS = ("Model card", "Manage models", "Help")
CONTENT_TOP = """() => {
    const header = document.querySelector(".st-key-header")
    const main = document.querySelector(".stMainBlockContainer")
    const elements = main.querySelectorAll("[data-testid=stElementContainer]")
    const boxes = [...elements]
        .filter(e => !header.contains(e) && e.checkVisibility())
        .map(e => e.getBoundingClientRect())
        .filter(box => box.width > 20 && box.height > 8)
    return Math.min(...boxes.map(box => box.top))
}"""


def header(page):
    return page.locator(".st-key-header")


def opened(page):
    """Wait until a page is drawn."""
    page.get_by_role("combobox", name="Model").wait_for()
    at_rest(page)
    return page


def edges(locator):
    box = locator.bounding_box()
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def apart(first, second):
    left, top, right, bottom = first
    return right <= second[0] or second[2] <= left or bottom <= second[1] or second[3] <= top


def parts(page):
    """What people use in the header: its links, heading, field and buttons."""
    return header(page).locator("a, h1, input, [data-testid=stPopoverButton]").all()


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_is_about_begins_near_the_top(browser, server, path):
    with visit(browser, server.url + path, DESKTOP) as page:
        opened(page)
        page.get_by_text(PAGES[path]).first.wait_for()
        bottom = edges(header(page))[3]
        wait_until(lambda: bottom <= page.evaluate(CONTENT_TOP) <= 110)
        assert edges(header(page))[1] < 10


@pytest.mark.parametrize(
    "size", [DESKTOP, (1181, 800), (961, 700), (900, 700), (768, 1024), PHONE, NARROW]
)
def test_everything_in_the_header_can_be_seen_at_any_width(browser, server, size):
    with visit(browser, server.url, size) as page:
        opened(page)
        menu = edges(page.get_by_role("button", name="Main menu"))
        boxes = [edges(part) for part in parts(page)]
        assert len(boxes) == len(NAMES) + 1 + len(BUTTONS)
        for i, box in enumerate(boxes):
            assert box[0] >= 0 and box[2] <= size[0]
            assert apart(box, menu), "Streamlit's menu covers nothing"
            assert all(apart(box, other) for other in boxes[i + 1 :])
        rows = {round((top + bottom) / 2 / 8) for _, top, _, bottom in boxes}
        assert len(rows) <= (1 if size[0] > 900 else 2)
        assert edges(header(page))[3] <= (56 if size[0] > 900 else 104)
        assert not wide(page)
        for name in BUTTONS:
            assert own_button(page, name).is_visible(), "also where it shows only its icon"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_h1_which_marks_it_in_the_header(browser, server, path):
    with visit(browser, server.url + path) as page:
        opened(page)
        heading = page.get_by_role("heading", level=1)
        assert heading.count() == 1 and heading.inner_text() == NAMES[path]
        assert heading.get_attribute("aria-current") == "page"
        others = set(NAMES.values()) - {NAMES[path]}
        links = header(page).get_by_role("link")
        assert set(links.all_inner_texts()) == others
        levels = page.locator("h2, h3, h4, h5, h6").evaluate_all("all => all.map(h => h.tagName)")
        assert set(levels) <= {"H2", "H3", "H4"}


LOOK = """element => {
    const look = []
    for (let e = element, i = 0; e && i < 4; e = e.parentElement, i++) {
        const style = getComputedStyle(e)
        look.push(style.outline, style.boxShadow, style.borderColor)
    }
    return look.join()
}"""


def test_the_header_is_used_with_the_keyboard(browser, server):
    with visit(browser, server.url, DESKTOP) as page:
        opened(page)
        stops = header(page).locator("a, input, [data-testid=stPopoverButton]")
        stops.first.focus()
        for stop in stops.all():
            assert stop.evaluate("e => e === document.activeElement"), "in the order of the header"
            focused = stop.evaluate(LOOK)
            page.keyboard.press("Tab")
            wait_until(lambda stop=stop, focused=focused: stop.evaluate(LOOK) != focused)
        own_button(page, "Help").focus()
        page.keyboard.press("Enter")
        page.get_by_test_id("stPopoverBody").wait_for()
        page.keyboard.press("Escape")
        page.get_by_test_id("stPopoverBody").wait_for(state="detached")
        header(page).get_by_role("link", name="Generate").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1, name="Generate").wait_for()
        at_rest(page)
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Train", "the place is kept"


def test_the_theme_is_chosen_in_the_menu_and_the_header_follows(browser, server):
    with visit(browser, server.url) as page:
        opened(page)
        for name in ("Dark", "Light"):
            own_button(page, "Main menu").click()
            page.get_by_role("menuitemradio", name=name).click()
            wait_until(lambda name=name: (background(page) > 200) == (name == "Light"))
            bar = page.locator("[data-testid=stLayoutWrapper]:has(> .st-key-header)")
            paper = "e => getComputedStyle(e).backgroundColor"
            assert bar.evaluate(paper) == page.get_by_test_id("stApp").evaluate(paper)
            page.keyboard.press("Escape")
        go_to(page, "Runs")
        page.get_by_role("heading", level=1, name="Runs").wait_for()
        assert background(page) > 200


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_help_opens_inside_the_window_and_leads_to_the_pages(browser, server, size):
    with visit(browser, server.url, size) as page:
        opened(page)
        own_button(page, "Help").click()
        words = page.get_by_text("variational autoencoder")
        words.wait_for()
        for word in ("encoder", "μ", "σ", "decoder", "KL divergence", "β", "Keyboard"):
            assert page.get_by_test_id("stPopoverBody").get_by_text(word).count()
        body = page.get_by_test_id("stPopoverBody")
        left, top, right, bottom = edges(body)
        assert left >= 0 and top >= 0 and right <= size[0] and bottom <= size[1]
        assert not wide(page)
        body.get_by_role("link", name="Train:").click()
        page.get_by_role("heading", level=1, name="Train").wait_for()


def test_the_header_stays_when_the_page_is_scrolled(browser, server):
    with visit(browser, f"{server.url}/train", PHONE) as page:
        opened(page)
        page.get_by_text(PAGES["/train"]).first.wait_for()
        main = page.get_by_test_id("stMain")
        wait_until(lambda: main.evaluate("e => e.scrollHeight > e.clientHeight + 300"))
        main.evaluate("e => e.scrollTo(0, 250)")
        wait_until(lambda: main.evaluate("e => e.scrollTop") == 250)
        assert abs(edges(header(page))[1]) < 2
        go_to(page, "Runs")
        page.get_by_role("heading", level=1, name="Runs").wait_for()


def test_what_streamlit_says_of_the_connection_does_not_cover_the_header(browser, cold_server):
    with visit(browser, cold_server.url) as page:
        opened(page)
        cold_server.close()
        status = page.get_by_test_id("stStatusWidget")
        status.wait_for()
        assert edges(status)[1] > edges(header(page))[3]


def test_forty_models_one_with_a_long_name_and_one_damaged_on_a_phone(browser, cold_server):
    folder = cold_server.home / "weights"
    folder.mkdir(exist_ok=True)
    shipped = settings.SHIPPED / "classic.safetensors"
    first = folder / f"{'w' * 40}.safetensors"
    shutil.copy(shipped, first)
    for i in range(38):
        os.link(first, folder / f"model-of-student-{i:02d}.safetensors")
    (folder / "broken.safetensors").write_bytes(shipped.read_bytes()[:5000])
    with visit(browser, f"{cold_server.url}/runs?model={'w' * 40}", PHONE) as page:
        opened(page)
        model = page.get_by_role("combobox", name="Model")
        assert model.input_value() == "w" * 40
        assert not wide(page) and edges(header(page))[3] <= 104
        model.click()
        options = page.get_by_role("listbox")
        options.wait_for()
        left, _, right, bottom = edges(options)
        assert left >= 0 and right <= PHONE[0] and bottom <= PHONE[1]
        model.fill("broken")
        page.get_by_role("option", name="broken").click()
        header(page).get_by_text("cannot be read").wait_for()
        assert edges(header(page))[3] <= 104 and not wide(page)
        own_button(page, "Model card").click()
        page.get_by_text("is damaged or is no safetensors file").first.wait_for()


def test_without_any_model_one_can_train_or_upload_one(home, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "SHIPPED", tmp_path / "none")
    app = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=120)
    app.run()
    for path in ("generate", "draw", "runs", "train"):
        app.switch_page(f"pages/{path}.py").run()
        assert not app.exception
        assert app.error[0].value.startswith("There is no trained model.")
    assert any(button.label == "Start training" for button in app.button)
