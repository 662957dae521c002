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
    narrow_enough,
    resize,
    show_scheme,
    visit,
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


def test_it_has_one_h1_and_named_landmarks(page):
    title = page.get_by_role("heading", level=1)
    assert title.count() == 1 and title.inner_text() == NAMES[urlsplit(page.url).path]
    assert title.get_attribute("aria-current") == "page"
    levels = page.locator("h2, h3, h4, h5, h6").evaluate_all("all => all.map(h => h.tagName)")
    assert set(levels) <= {"H2", "H3", "H4"}
    pages = page.get_by_role("navigation", name="Pages")
    names = list(NAMES.values())
    wait_until(lambda: pages.locator("a, h1").all_inner_texts() == names)
    assert page.get_by_role("navigation").count() == page.get_by_role("main").count() == 1


def test_what_it_is_about_begins_near_the_top(page):
    header = page.locator(".st-key-header").bounding_box()
    wait_until(lambda: header["y"] + header["height"] <= page.evaluate(CONTENT_TOP) <= 110)
    assert header["y"] < 10


def test_its_text_is_large_enough(page):
    assert not page.evaluate(SMALL_TEXT, MIN_TEXT)


def test_nothing_of_it_comes_from_elsewhere(page, server):
    assert page.hosts == {urlsplit(server.url).netloc}


def test_it_fits_and_axe_finds_nothing_severe(page):
    for size, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
        resize(page, size)
        narrow_enough(page)
        show_scheme(page, scheme)
        assert not violations(page)


HAS_FOCUS = "element => element === document.activeElement"
OPENED = {
    "/": [("Model card", "light"), ("Model card", "dark"), ("Manage models", "dark")],
    "/explore": [("Help", "light")],
    "/generate": [("More", "dark")],
    "/train": [("Advanced", "light")],
}


def test_what_opens_over_it_is_accessible_and_closed_with_escape(page):
    for name, scheme in OPENED.get(urlsplit(page.url).path, []):
        show_scheme(page, scheme)
        button = page.get_by_role("button", name=name)
        button.press("Enter")
        over = page.get_by_test_id("stPopoverBody")
        over.wait_for()
        assert not violations(page, "[data-testid=stPopoverBody]"), name
        page.keyboard.press("Escape")
        over.wait_for(state="detached")
        wait_until(lambda button=button: button.evaluate(HAS_FOCUS))


# The name of the element with the focus, or whether there is none, and the name of the one before
# if neither that nor what it lies in looks different now. Streamlit's region that scrolls and its
# table of cells are left out, and the way from a box to the button in it.
FOCUSED = """() => {
    const look = element => {
        const looks = []
        for (let e = element, i = 0; e && i < 6; i++, e = e.parentElement ?? e.getRootNode().host) {
            const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor } =
                getComputedStyle(e)
            looks.push(outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor)
        }
        return looks.join()
    }
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    const before = globalThis.before
    const inOneBox = before?.element.closest(".stSelectbox")?.contains(element)
    const seen = !before?.element.isConnected || inOneBox || look(before.element) !== before.look
    const name = element?.getAttribute("aria-label") || element?.innerText || element?.tagName
    const unseen = seen ? "" : before.name
    globalThis.before = element?.matches("body, main, canvas, [role=grid] *")
        ? null
        : { element, name, look: look(element) }
    return { unseen, end: !element || element === document.body, name }
}"""
MOST_STOPS = 80
HEADER = ".st-key-header"


def test_a_link_leads_past_the_header(page):
    link = page.get_by_role("link", name="Skip the header")
    link.focus()
    assert link.bounding_box()["width"] > 50
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    past = page.evaluate("within => !document.activeElement.closest(`main ${within}`)", HEADER)
    inside = page.evaluate("() => Boolean(document.activeElement.closest('main'))")
    assert past and inside


def test_the_keyboard_reaches_all_of_it_and_its_focus_is_seen(page):
    page.add_style_tag(content="* { transition: none !important }")
    page.evaluate("document.activeElement.blur()")
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        assert not focused["unseen"]
        if focused["end"]:
            return
    raise AssertionError(f"no way past {focused['name']!r}")


COLORED = {
    "/": ".likeliest .bar, .track .dot",
    "/generate": "button[data-selected=true], .stSlider [role=group] > div > div:nth-child(2)",
    "/explore": ".swatch, button[data-selected=true]",
    "/how-it-works": ".track .band, button[data-selected=true]",
    "/train": ".bars .bar, [aria-pressed=true]",
    "/runs": "h1",
}
"""What shows a value or a choice by its colour, on each page."""


def test_forced_colours_leave_values_and_choices_visible(page):
    page.emulate_media(forced_colors="active")
    elements = page.locator(COLORED[urlsplit(page.url).path])
    color = "e => getComputedStyle(e).backgroundColor"
    plain = page.locator("body").evaluate(color)
    colors = elements.evaluate_all(f"all => all.map({color})")
    page.emulate_media(forced_colors="none")
    assert colors and not {plain, "rgba(0, 0, 0, 0)"} & set(colors)


ZOOMED = (640, 450)
"""The CSS pixels of a window of 1280 × 900 at a zoom of 200 %."""


def test_at_200_percent_nothing_is_cut_off_and_the_header_scrolls_away(page):
    resize(page, ZOOMED)
    narrow_enough(page)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 200)")
    header = page.locator(".st-key-header")
    wait_until(lambda: header.bounding_box()["y"] < -20)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    large = {"/": "canvas.upper-canvas", "/generate": "canvas[role=img]"}
    if place := large.get(urlsplit(page.url).path):
        wait_until(lambda: page.locator(place).first.bounding_box()["height"] > 0.55 * ZOOMED[1])
