"""The pen of the keyboard on the Draw page."""

from browsing import at_rest, heading, ink, own_button, visit
from conftest import wait_until
from draw_page import ready


def go_back_to(paper, page):
    """Press Shift+Tab until the canvas has the focus."""
    own_button(page, "Clear").focus()
    for _ in range(5):  # Undo, which stands between, may be disabled.
        if paper.evaluate("e => e.matches(':focus-visible')"):
            return
        page.keyboard.press("Shift+Tab")
    raise AssertionError("The canvas does not get the focus.")


def test_a_digit_is_drawn_and_taken_back_with_keys_alone(browser, server):
    with visit(browser, f"{server.url}/?model=conv") as page:
        ready(page)
        at_rest(page)
        keys = page.keyboard
        paper = page.get_by_role("application", name="Canvas")
        heading(page, "Draw a digit").wait_for()
        go_back_to(paper, page)
        hint = page.get_by_text("Arrow keys: move the pen")
        wait_until(lambda: hint.is_visible() and ink(page) == 0)

        for _ in range(3):
            keys.press("Shift+ArrowUp")
        keys.press("Space")
        keys.press("Shift+ArrowDown")
        wait_until(lambda: not hint.is_visible())
        for _ in range(5):
            keys.press("Shift+ArrowDown")
        keys.press("Enter")
        heading(page, "It is a 1").wait_for()
        wait_until(lambda: "It is a 1" in page.locator(".said").inner_text())
        wait_until(lambda: "Pen up, 50 % from the left" in page.locator(".spoken").inner_text())
        upright = ink(page)
        assert upright > 0

        keys.press("Escape")
        keys.press("Space")
        keys.down("ArrowUp")
        keys.down("ArrowLeft")  # From here on, diagonally.
        for _ in range(8):
            keys.down("ArrowLeft")
        keys.up("ArrowUp")
        keys.up("ArrowLeft")
        at_rest(page)
        before = page.runs.requests
        keys.press("Tab")  # Leaves the canvas, which lifts the pen.
        wait_until(lambda: not paper.evaluate("e => e.matches(':focus')"))
        # The canvas reports the stroke a moment after it has ended.
        wait_until(lambda: ink(page) > upright and page.runs.requests > before)
        at_rest(page)
        go_back_to(paper, page)
        for left in (upright, 0):
            at_rest(page)
            keys.press("Backspace" if left else "Control+z")
            # The strokes that Python shows again are rounded to whole pixels.
            wait_until(lambda left=left: abs(ink(page) - left) <= left / 50)
        heading(page, "Nothing is drawn").wait_for()
        keys.press("Backspace")  # There is nothing left to take back.
        at_rest(page)
        wait_until(lambda: ink(page) == 0)
        wait_until(lambda: paper.evaluate("e => e.matches(':focus')"))
