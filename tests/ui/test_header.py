"""The header of all pages, in a real browser: where it is, what it says, what it can bear."""

import os
import shutil

import pytest
from browsing import (
    NAMES,
    PAGES,
    at_rest,
    background,
    go_to,
    narrow_enough,
    own_button,
    resize,
    visit,
)
from conftest import Server, wait_until

from vae import settings

DESKTOP, PHONE, NARROW = (1280, 900), (390, 844), (320, 640)
SIZES = [(1920, 1080), (1121, 800), (961, 700), (960, 700), (641, 800), (481, 800), PHONE, NARROW]
BUTTONS = ("Model card", "Manage models", "Help")

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
    with visit(browser, f"{server.url}/how-it-works") as page:
        page.get_by_role("combobox", name="Model").wait_for()
        yield page


@pytest.fixture
def page(visited):
    """How it works, which has the longest heading, in one visit for all tests."""
    resize(visited, DESKTOP)
    if visited.get_by_role("heading", level=1, name="How it works").count() == 0:
        go_to(visited, "How it works")
    arrived(visited, "How it works")
    return visited


def header(page):
    return page.locator(".st-key-header")


def popover(page):
    return page.get_by_test_id("stPopoverBody")


def arrived(page, name):
    page.get_by_role("heading", level=1, name=name).wait_for()
    at_rest(page)


def edges(locator):
    box = locator.bounding_box()
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def is_in_window(page, locator):
    left, top, right, bottom = edges(locator)
    size = page.viewport_size
    return left >= 0 and top >= 0 and right <= size["width"] and bottom <= size["height"]


def apart(first, second):
    left, top, right, bottom = first
    return right <= second[0] or second[2] <= left or bottom <= second[1] or second[3] <= top


@pytest.mark.parametrize("size", SIZES)
def test_everything_in_the_header_can_be_seen_at_any_width(page, size):
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


def test_a_page_that_is_opened_with_a_key_keeps_the_place_of_the_focus(page):
    header(page).get_by_role("link", name="Generate").press("Enter")
    arrived(page, "Generate")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Explore"


def test_help_opens_inside_the_window_and_leads_to_the_pages(page):
    own_button(page, "Help").click()
    for size in (DESKTOP, PHONE):
        resize(page, size)
        popover(page).get_by_text("variational autoencoder").first.wait_for()
        wait_until(lambda: is_in_window(page, popover(page)))
        narrow_enough(page)
    popover(page).get_by_role("link", name="Train:").click()
    arrived(page, "Train")


def test_the_header_stays_when_the_page_is_scrolled(page):
    resize(page, PHONE)
    main = page.get_by_test_id("stMain")
    wait_until(lambda: main.evaluate("e => e.scrollHeight > e.clientHeight + 300"))
    main.evaluate("e => e.scrollTo(0, 250)")
    wait_until(lambda: main.evaluate("e => e.scrollTop") == 250)
    assert abs(edges(header(page))[1]) < 2


def test_the_theme_is_chosen_in_the_menu_and_the_header_follows(page):
    paper = "e => getComputedStyle(e).backgroundColor"
    bar = page.locator("[data-testid=stLayoutWrapper]:has(> .st-key-header)")
    for name in ("Dark", "Light"):
        own_button(page, "Main menu").click()
        page.get_by_role("menuitemradio", name=name).click()
        wait_until(lambda name=name: (background(page) > 200) == (name == "Light"))
        app = page.get_by_test_id("stApp")
        wait_until(lambda app=app: app.evaluate(paper) == bar.evaluate(paper))
        page.keyboard.press("Escape")


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


def test_the_first_request_to_a_server_may_be_a_deep_link(browser, crowded):
    with visit(browser, f"{crowded.url}/how-it-works") as page:
        page.get_by_text(PAGES["/how-it-works"]).first.wait_for()
        links = header(page).get_by_role("link")
        wait_until(lambda: links.count() == len(PAGES) - 1)
        assert page.get_by_role("dialog").count() == 0, "Streamlit says «Page not found»"


def test_a_crowded_server_and_one_that_is_gone_fit_into_the_header(browser, crowded):
    with visit(browser, f"{crowded.url}/runs?model={'w' * 40}", PHONE) as page:
        model = page.get_by_role("combobox", name="Model")
        wait_until(lambda: model.input_value() == "w" * 40)
        narrow_enough(page)
        wait_until(lambda: edges(header(page))[3] <= 104)
        model.click()
        wait_until(lambda: is_in_window(page, page.get_by_role("listbox")))
        model.fill("broken")
        page.get_by_role("option", name="broken").click()
        header(page).get_by_text("cannot be read").wait_for()
        narrow_enough(page)
        wait_until(lambda: edges(header(page))[3] <= 104)
        resize(page, DESKTOP)
        wait_until(lambda: edges(header(page))[3] <= 56)
        crowded.close()
        status = page.get_by_test_id("stStatusWidget")
        status.wait_for()
        wait_until(lambda: edges(status)[1] > edges(header(page))[3])
