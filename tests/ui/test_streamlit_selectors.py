"""Each selector on elements that are not ours finds one: an upgrade of Streamlit may end that."""

import re
from pathlib import Path

from browsing import own_button, visit
from conftest import wait_until

UI = Path(__file__).parents[2] / "ui"
STYLES = (UI / "shell/streamlit.css", UI / "draw/canvas.css")
MODULE = UI / "components/streamlit.js"
NAMES = re.compile(r"data-test|data-dragging|\.st[A-Z]|\.dc-|\.(upper|lower)-canvas|\.katex|\[kind")

RULES = """text => {
    const style = new CSSStyleSheet()
    style.replaceSync(text)
    const selectors = rule => rule.selectorText ?? [...rule.cssRules].flatMap(selectors)
    return [...style.cssRules].flatMap(selectors)
}"""
FOUND = """selectors => {
    const within = root => [root, ...[...root.querySelectorAll("*")]
        .flatMap(element => element.shadowRoot ? within(element.shadowRoot) : [])]
    const roots = within(document)
    return selectors.filter(selector => roots.some(root => root.querySelector(selector)))
}"""


class Search:
    """A search for elements; `missing` are the selectors that have found none yet."""

    def __init__(self, page):
        """Read the selectors: those of the styles without what is no element, such as ::before."""
        lists = [rule for style in STYLES for rule in page.evaluate(RULES, style.read_text())]
        parts = [part for text in lists for part in re.split(r",\s*(?![^()]*\))", text)]
        named = re.findall(r'^const [A-Z]+ = "(.+)"$', MODULE.read_text(), re.M)
        assert len(parts) > 30 and len(named) > 5
        elements = {re.sub(r"::?(before|after|focus-visible)", "", part) for part in parts}
        self.missing = elements | set(named)

    def wait_for(self, page, *parts):
        """Look for all that are missing until those with these parts have been found."""

        def found():
            self.missing.difference_update(page.evaluate(FOUND, sorted(self.missing)))
            return not any(part in selector for part in parts for selector in self.missing)

        wait_until(found)


def test_each_selector_finds_an_element(browser, server, tmp_path):
    sockets = []

    def connect_once(socket):
        sockets.append(socket)
        socket.close() if sockets[1:] else socket.connect_to_server()

    with visit(browser, "about:blank") as page:
        search = Search(page)
        page.route_web_socket("**", connect_once)
        page.goto(server.url)
        search.wait_for(page, "data-test-script-state")  # While the script runs.
        search.wait_for(page, "canvas")
        own_button(page, "Manage models").click()
        wrong = tmp_path / "wrong.txt"
        wrong.write_text("no model")
        page.locator("input[type=file]").set_input_files(wrong)
        search.wait_for(page, "stFileChip")
        sockets[0].close()
        search.wait_for(page, "stStatusWidget")
    with visit(browser, f"{server.url}/generate") as page:
        page.locator(".st-key-z0 [role=group] > div > div:nth-child(2)").hover()
        page.mouse.down()
        search.wait_for(page, "data-dragging", "data-filled", "st-key-knobs", "st-key-digits")
        page.mouse.up()
    with visit(browser, f"{server.url}/explore?view=Morph") as page:
        search.wait_for(page, "st-key-explore_")
    with visit(browser, f"{server.url}/how-it-works?step=all") as page:
        search.wait_for(page, "st-key-how_", "stCode")
    with visit(browser, f"{server.url}/train") as page:
        own_button(page, "Advanced").click()
        search.wait_for(page, "stCheckbox", "[kind")
    with visit(browser, f"{server.url}/runs?run=classic") as page:
        search.wait_for(page, "")  # All that are left.


def test_no_other_file_names_them():
    files = {*UI.rglob("*.css"), *UI.rglob("*.js")} - {*STYLES, MODULE}
    assert not [file for file in files if NAMES.search(file.read_text())]
