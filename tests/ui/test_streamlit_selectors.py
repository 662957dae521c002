"""Each selector on elements that are not ours finds one: an upgrade of Streamlit may end that."""

import re
from pathlib import Path

from browsing import own_button, visit
from conftest import move_to, wait_until
from small_runs import QUICK

from vae.runs import store

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


def selectors(page):
    """All of them, those of the styles without what is no element, such as ::before."""
    lists = [rule for style in STYLES for rule in page.evaluate(RULES, style.read_text())]
    parts = [part for text in lists for part in re.split(r",\s*(?![^()]*\))", text)]
    named = re.findall(r'^const [A-Z]+ = "(.+)"$', MODULE.read_text(), re.M)
    assert len(parts) > 30 and len(named) > 5
    return {re.sub(r"::?(before|after)", "", part) for part in parts} | {*named}


def find(page, missing, *parts):
    """Look for all that are missing until those with these parts have been found."""

    def found():
        missing.difference_update(page.evaluate(FOUND, sorted(missing)))
        return not any(part in selector for part in parts for selector in missing)

    try:
        wait_until(found)
    finally:
        print("Not found:", *sorted(missing), sep="\n")  # With the report of the failed test.


def test_each_selector_finds_an_element(browser, server, monkeypatch):
    sockets = []

    def connect_once(socket):
        sockets.append(socket)
        socket.close() if sockets[1:] else socket.connect_to_server()

    with visit(browser, "about:blank") as page:
        missing = selectors(page)
        page.route_web_socket("**", connect_once)
        page.goto(server.url)
        find(page, missing, "data-test-script-state", "canvas")
        own_button(page, "Manage models").click()
        wrong = {"name": "wrong.txt", "mimeType": "text/plain", "buffer": b"no model"}
        page.locator("input[type=file]").set_input_files(wrong)
        find(page, missing, "stFileChip")
        sockets[0].close()
        find(page, missing, "stStatusWidget")
    with visit(browser, f"{server.url}/generate") as page:
        page.locator(".st-key-z0 [role=group] > div > div:nth-child(2)").hover()
        page.mouse.down()
        find(page, missing, "data-dragging", "data-filled", "st-key-knobs", "st-key-digits")
        page.mouse.up()
        page.goto(f"{server.url}/how-it-works?step=all")
        find(page, missing, "st-key-how_", "stCode")
        page.goto(f"{server.url}/train")
        own_button(page, "Advanced").click()
        find(page, missing, "stCheckbox", "[kind")
        page.goto(f"{server.url}/explore?view=Morph")
        find(page, missing, "st-key-explore_")
        move_to(server.home, monkeypatch)
        own = store.create(QUICK, "own")  # Its title is in a form.
        page.goto(f"{server.url}/runs?run={own.id}")
        find(page, missing, "")  # All that are left.
    store.delete(own.id)


def test_no_other_file_names_them():
    files = {*UI.rglob("*.css"), *UI.rglob("*.js")} - {*STYLES, MODULE}
    assert not [file for file in files if NAMES.search(file.read_text())]
