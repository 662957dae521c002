"""Whether everybody can read and use the pages: axe-core's rules, and the size of the text."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import PAGES, at_rest, background, own_button, visit
from conftest import wait_until

STREAMLITS_OWN = {
    ("color-contrast", "[data-testid=stWidgetLabel]"): "the label of a disabled widget, grayed out",
}
"""Serious violations that are Streamlit's: the rule, and where it is broken."""

SEVERE = ("serious", "critical")
PHONE = (390, 844)
MIN_TEXT = 14
SMALL_TEXT = """smallest => {
    const found = []
    const walk = root => {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) walk(element.shadowRoot)
            if (!(element instanceof HTMLElement) || !element.checkVisibility()) continue
            const own = [...element.childNodes]
                .some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim())
            const size = parseFloat(getComputedStyle(element).fontSize)
            if (own && size < smallest) found.push(`${size} px: ${element.outerHTML.slice(0, 200)}`)
        }
    }
    walk(document.body)
    return found
}"""
INSIDE = """([target, selector]) => {
    let element = document
    for (const step of [target].flat()) {
        element = (element.shadowRoot ?? element).querySelector(step)
    }
    return Boolean(element.closest(selector))
}"""


def violations(page):
    """The severe violations on a page that are not listed, one a line."""
    found = []
    for violation in Axe().run(page).response["violations"]:
        for node in violation["nodes"]:
            target = node["target"][0] if len(node["target"]) == 1 else node["target"]
            known = any(
                rule == violation["id"] and page.evaluate(INSIDE, [target, selector])
                for rule, selector in STREAMLITS_OWN
            )
            if violation["impact"] in SEVERE and not known:
                why = node["failureSummary"].splitlines()[1].strip()
                found.append(f"{violation['id']}: {node['html'][:200]}: {why}")
    return found


def drawn(page, path):
    page.get_by_role("combobox", name="Model").wait_for()
    page.get_by_text(PAGES[path]).first.wait_for()
    at_rest(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_severe_on_a_page(browser, server, path, scheme):
    with visit(browser, server.url + path) as page:
        drawn(page, path)
        page.emulate_media(color_scheme=scheme)
        wait_until(lambda: (background(page) > 200) == (scheme == "light"))
        assert not violations(page)
        page.set_viewport_size(dict(zip(("width", "height"), PHONE, strict=True)))
        at_rest(page)
        assert not violations(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["Model card", "Manage models", "Help"])
def test_axe_finds_nothing_severe_in_what_the_header_opens(browser, server, name, scheme):
    with visit(browser, f"{server.url}/runs") as page:
        drawn(page, "/runs")
        page.emulate_media(color_scheme=scheme)
        own_button(page, name).click()
        page.get_by_test_id("stPopoverBody").wait_for()
        at_rest(page)
        assert not violations(page)


@pytest.mark.parametrize("path", PAGES)
def test_text_is_large_enough(browser, server, path):
    with visit(browser, server.url + path) as page:
        drawn(page, path)
        assert not page.evaluate(SMALL_TEXT, MIN_TEXT)
