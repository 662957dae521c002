"""What axe-core finds on a page that keeps people from reading or using it."""

from axe_playwright_python.sync_playwright import Axe
from browsing import at_rest

STREAMLITS_OWN = {
    ("color-contrast", "[data-testid=stWidgetLabel]"): "the label of a disabled widget, grayed out",
}
"""Serious violations that are Streamlit's: the rule, and where it is broken."""

SEVERE = ("serious", "critical")
INSIDE = """([target, selector]) => {
    let element = document
    for (const step of [target].flat()) {
        element = (element.shadowRoot ?? element).querySelector(step)
    }
    return Boolean(element.closest(selector))
}"""


def violations(page, within=None):
    """The severe violations on a page, or in one element of it, that are not listed, one a line."""
    at_rest(page)  # What is being drawn anew is pale.
    found = []
    for violation in Axe().run(page, within).response["violations"]:
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
