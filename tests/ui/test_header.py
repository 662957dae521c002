"""The header of all pages, in a real browser: where it is, what it says, what it can bear."""

import os
import shutil

import pytest
from accessibility import violations
from browsing import (
    NAMES,
    at_rest,
    background,
    go_to,
    narrow_enough,
    own_button,
    resize,
    show_scheme,
    visit,
)
from conftest import Server, wait_until
from streamlit.testing.v1 import AppTest

from vae import settings

DESKTOP, PHONE, NARROW = (1280, 900), (390, 844), (320, 640)
BUTTONS = ("Model card", "Manage models", "Help")
LOOK = """element => {
    const look = []
    for (let e = element, i = 0; e && i < 4; e = e.parentElement, i++) {
        const style = getComputedStyle(e)
        look.push(style.outline, style.boxShadow, style.borderColor)
    }
    return look.join()
}"""


PARTS = """header => {
    const pages = [...header.querySelectorAll("a, h1")]
    const others = header.querySelectorAll("input, [data-testid=stPopoverButton]")
    const boxes = [...pages, ...others].map(e => e.getBoundingClientRect())
    return [
        pages.length,
        boxes.map(box => [box.left, box.top, box.right, box.bottom]),
        pages.filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent),
    ]
}"""
"""The number of pages, the edges of pages and controls, the names of pages that are cut off."""


@pytest.fixture(scope="module")
def visited(browser, server):
    with visit(browser, f"{server.url}/runs") as page:
        yield opened(page)


@pytest.fixture
def page(visited):
    """The Runs page, in one visit for all tests that leave it as it is."""
    resize(visited, DESKTOP)
    if visited.get_by_role("heading", level=1, name="Runs").count() == 0:
        go_to(visited, "Runs")
        arrived(visited, "Runs")
    return visited


def header(page):
    return page.locator(".st-key-header")


def popover(page):
    return page.get_by_test_id("stPopoverBody")


def opened(page):
    """Wait until a page is drawn."""
    page.get_by_role("combobox", name="Model").wait_for()
    at_rest(page)
    return page


def arrived(page, name):
    page.get_by_role("heading", level=1, name=name).wait_for()
    at_rest(page)


PAPER = "e => getComputedStyle(e).backgroundColor"


def edges(locator):
    box = locator.bounding_box()
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def apart(first, second):
    left, top, right, bottom = first
    return right <= second[0] or second[2] <= left or bottom <= second[1] or second[3] <= top


@pytest.mark.parametrize("shown", ["Runs", "How it works"])
def test_everything_in_the_header_can_be_seen_at_any_width(page, shown):
    if shown != "Runs":
        go_to(page, shown)  # The longest name, as the heading.
        arrived(page, shown)
    sizes = [(1920, 1080), (1401, 900), DESKTOP, (1279, 800), (1121, 800), (961, 700)]
    sizes += [(960, 700), (768, 1024), (641, 800), (481, 800), PHONE, (360, 740), NARROW]
    for size in sizes:
        resize(page, size)
        narrow_enough(page)
        pages, boxes, cut_off = header(page).evaluate(PARTS)
        menu = edges(page.get_by_role("button", name="Main menu"))
        assert len(boxes) == len(NAMES) + 1 + len(BUTTONS)
        for i, box in enumerate(boxes):
            assert box[0] >= 0 and box[2] <= size[0]
            assert apart(box, menu), "Streamlit's menu covers nothing"
            assert all(apart(box, other) for other in boxes[i + 1 :])
        assert not cut_off
        one_row = size[0] > 960
        assert one_row or all(box[3] - box[1] >= 44 for box in boxes[:pages])
        rows = {round((top + bottom) / 2 / 8) for _, top, _, bottom in boxes}
        assert len(rows) == (1 if one_row else 2)
        assert edges(header(page))[3] <= (56 if one_row else 104)
        for name in BUTTONS:
            assert own_button(page, name).is_visible(), "also where it shows only its icon"


def test_the_header_is_used_with_the_keyboard(page):
    stops = header(page).locator("a, input, [data-testid=stPopoverButton]")
    stops.nth(1).focus()
    page.keyboard.press("Shift+Tab")  # With a key, so that the browser shows the focus.
    for stop in stops.all():
        assert stop.evaluate("e => e === document.activeElement"), "in the order of the header"
        focused = stop.evaluate(LOOK)
        page.keyboard.press("Tab")
        wait_until(lambda stop=stop, focused=focused: stop.evaluate(LOOK) != focused)
    own_button(page, "Help").focus()
    page.keyboard.press("Enter")
    popover(page).wait_for()
    page.keyboard.press("Escape")
    popover(page).wait_for(state="detached")
    header(page).get_by_role("link", name="Generate").focus()
    page.keyboard.press("Enter")
    arrived(page, "Generate")
    assert page.get_by_role("navigation", name="Pages").get_by_role("link").count() == 5
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Explore", "the place is kept"


@pytest.mark.parametrize("name", BUTTONS)
def test_axe_finds_nothing_severe_in_what_the_header_opens(page, name):
    own_button(page, name).click()
    popover(page).wait_for()
    for scheme in ("dark", "light"):
        show_scheme(page, scheme)
        at_rest(page)
        assert not violations(page, "[data-testid=stPopoverBody]")
    page.keyboard.press("Escape")
    popover(page).wait_for(state="detached")


def test_help_opens_inside_the_window_and_leads_to_the_pages(page):
    own_button(page, "Help").click()
    for size in (DESKTOP, PHONE):
        resize(page, size)
        popover(page).get_by_text("variational autoencoder").first.wait_for()
        inside = lambda left, top, right, bottom, size=size: (  # noqa: E731
            left >= 0 and top >= 0 and right <= size[0] and bottom <= size[1]
        )
        wait_until(lambda inside=inside: inside(*edges(popover(page))))
        narrow_enough(page)
    for word in ("encoder", "μ", "σ", "decoder", "KL divergence", "β", "Keyboard"):
        assert popover(page).get_by_text(word).count()
    popover(page).get_by_role("link", name="Train:").click()
    arrived(page, "Train")


def test_the_header_stays_when_the_page_is_scrolled(page):
    resize(page, PHONE)
    go_to(page, "Train")
    arrived(page, "Train")
    main = page.get_by_test_id("stMain")
    wait_until(lambda: main.evaluate("e => e.scrollHeight > e.clientHeight + 300"))
    main.evaluate("e => e.scrollTo(0, 250)")
    wait_until(lambda: main.evaluate("e => e.scrollTop") == 250)
    assert abs(edges(header(page))[1]) < 2
    go_to(page, "Runs")
    arrived(page, "Runs")


def test_the_theme_is_chosen_in_the_menu_and_the_header_follows(browser, server):
    with visit(browser, f"{server.url}/runs") as page:
        opened(page)
        for name in ("Dark", "Light"):
            own_button(page, "Main menu").click()
            page.get_by_role("menuitemradio", name=name).click()
            wait_until(lambda name=name: (background(page) > 200) == (name == "Light"))
            bar = page.locator("[data-testid=stLayoutWrapper]:has(> .st-key-header)")
            parts = (bar, page.get_by_test_id("stApp"))
            wait_until(lambda parts=parts: len({part.evaluate(PAPER) for part in parts}) == 1)
            page.keyboard.press("Escape")
        go_to(page, "Draw")
        arrived(page, "Draw")
        wait_until(lambda: background(page) > 200)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A server with forty models of its own, one with a long name and one damaged."""
    home = tmp_path_factory.mktemp("crowded")
    folder = home / "weights"
    folder.mkdir()
    shipped = settings.SHIPPED / "classic.safetensors"
    first = folder / f"{'w' * 40}.safetensors"
    shutil.copy(shipped, first)
    for i in range(38):
        os.link(first, folder / f"model-of-student-{i:02d}.safetensors")
    (folder / "broken.safetensors").write_bytes(shipped.read_bytes()[:5000])
    server = Server(home)
    yield server
    server.close()


def test_forty_models_one_with_a_long_name_and_one_damaged_on_a_phone(browser, crowded):
    with visit(browser, f"{crowded.url}/runs?model={'w' * 40}", PHONE) as page:
        opened(page)
        model = page.get_by_role("combobox", name="Model")
        assert model.input_value() == "w" * 40
        narrow_enough(page)
        wait_until(lambda: edges(header(page))[3] <= 104)
        model.click()
        options = page.get_by_role("listbox")
        options.wait_for()
        in_window = lambda left, _, right, bottom: (  # noqa: E731
            left >= 0 and right <= PHONE[0] and bottom <= PHONE[1]
        )
        wait_until(lambda: in_window(*edges(options)))
        model.fill("broken")
        page.get_by_role("option", name="broken").click()
        header(page).get_by_text("cannot be read").wait_for()
        narrow_enough(page)
        wait_until(lambda: edges(header(page))[3] <= 104)
        resize(page, DESKTOP)
        wait_until(lambda: edges(header(page))[3] <= 56)
        own_button(page, "Model card").click()
        page.get_by_text("is damaged or is no safetensors file").first.wait_for()


def test_what_streamlit_says_of_the_connection_does_not_cover_the_header(browser, crowded):
    with visit(browser, f"{crowded.url}/runs") as page:
        opened(page)
        crowded.close()  # No test after this one may need it.
        status = page.get_by_test_id("stStatusWidget")
        status.wait_for()
        wait_until(lambda: edges(status)[1] > edges(header(page))[3])


def test_without_any_model_one_can_train_or_upload_one(home, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "SHIPPED", tmp_path / "none")
    app = AppTest.from_file(str(settings.ROOT / "ui/main.py"), default_timeout=120)
    app.run()
    for path in ("generate", "draw", "runs", "train"):
        app.switch_page(f"../pages/{path}.py").run()
        assert not app.exception
        assert app.error[0].value.startswith("There is no trained model.")
    assert any(button.label == "Start training" for button in app.button)
