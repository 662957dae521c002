"""What holds on every page; all of it is looked at in one visit to each."""

from urllib.parse import urlsplit

import pytest
from accessibility import violations
from browsing import (
    DESKTOP,
    NAMES,
    PAGES,
    PHONE,
    SEVEN,
    at_rest,
    draw,
    heading,
    resize,
    show_scheme,
    visit,
    wide,
)
from conftest import wait_until

MIN_TEXT = 14
SMALL_TEXT = """smallest => {
    const found = []
    const walk = root => {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) walk(element.shadowRoot)
            if (!(element instanceof HTMLElement) || !element.checkVisibility()) continue
            const own = [...element.childNodes]
                .some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim())
            if (element.closest(".katex")) continue // Its exponents are smaller.
            const size = parseFloat(getComputedStyle(element).fontSize)
            if (own && size < smallest) found.push(`${size} px: ${element.outerHTML.slice(0, 200)}`)
        }
    }
    walk(document.body)
    return found
}"""
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


@pytest.fixture(scope="module", params=PAGES)
def visited(browser, server, request):
    """A page that is drawn; on Draw there is a drawing."""
    with visit(browser, server.url + request.param) as page:
        page.get_by_role("combobox", name="Model").wait_for()
        page.get_by_text(PAGES[request.param]).first.wait_for()
        if request.param == "/":
            draw(page, SEVEN)
            heading(page, "It is a 7").wait_for()
            page.get_by_label("This z drawn as 9").wait_for()
        at_rest(page)
        yield page


@pytest.fixture
def page(visited):
    """The page in a window of a desktop, in the light theme."""
    resize(visited, DESKTOP)
    show_scheme(visited, "light")
    return visited


def test_it_has_one_h1_which_marks_it_in_the_header(page):
    title = page.get_by_role("heading", level=1)
    assert title.count() == 1 and title.inner_text() == NAMES[urlsplit(page.url).path]
    assert title.get_attribute("aria-current") == "page"
    assert page.locator(".st-key-header").locator("a, h1").all_inner_texts() == list(NAMES.values())
    levels = page.locator("h2, h3, h4, h5, h6").evaluate_all("all => all.map(h => h.tagName)")
    assert set(levels) <= {"H2", "H3", "H4"}


def test_what_it_is_about_begins_near_the_top(page):
    header = page.locator(".st-key-header").bounding_box()
    wait_until(lambda: header["y"] + header["height"] <= page.evaluate(CONTENT_TOP) <= 110)
    assert header["y"] < 10


def test_its_text_is_large_enough(page):
    assert not page.evaluate(SMALL_TEXT, MIN_TEXT)


def test_nothing_of_it_comes_from_elsewhere(page, server):
    assert page.hosts == {urlsplit(server.url).netloc}


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_it_fits_and_axe_finds_nothing_severe_in_both_themes(page, size):
    resize(page, size)
    wait_until(lambda: not wide(page))
    for scheme in ("light", "dark"):
        show_scheme(page, scheme)
        at_rest(page)
        assert not violations(page)
