"""How the model gets into the browser, what fails there, and what is sent while a page is left."""

import asyncio
import re
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from browsing import ONE, PAGES, at_rest, draw, go_to, heading, own_button, visit
from conftest import wait_until
from draw_page import ready

from benchmarks.load.session import connect

SHOWN = {"Draw": "canvas.upper-canvas", "Generate": ".grid[data-drawn]"}


def test_the_weights_of_a_model_and_the_canvas_travel_once(browser, server):
    with visit(browser, f"{server.url}/generate") as page:
        answers = []
        page.on("response", lambda answer: answers.append(answer))
        page.reload()
        page.locator(SHOWN["Generate"]).wait_for()
        for name in ("Draw", "Generate"):
            go_to(page, name)
            page.locator(SHOWN[name]).wait_for()
            at_rest(page)
        page.get_by_role("combobox", name="Model").click()
        with page.expect_response("**/models/classic*"):
            page.get_by_role("option", name="classic").click()
        models = [answer for answer in answers if "/models/" in answer.url]
        names = [answer.url.rpartition("/")[2].partition("%40")[0] for answer in models]
        assert names == ["conv", "classic"]
        (canvas,) = [answer for answer in answers if "/bidi-components/" in answer.url]
        assert "immutable" in canvas.headers["cache-control"]
        page.reload()
        page.locator(SHOWN["Generate"]).wait_for()
        again = [answer for answer in answers if "/models/classic" in answer.url][-1]
        assert again.request.sizes()["responseBodySize"] <= 0, "the browser has kept it"


@pytest.mark.parametrize("path", ["/", "/how-it-works"])
def test_a_page_names_its_modules_before_streamlit_starts(browser, server, path):
    with visit(browser, "about:blank") as page:
        needed = set()
        page.on("request", lambda request: needed.add(request.url))
        page.goto(f"{server.url}{path}")
        page.get_by_text(PAGES[path]).first.wait_for()
        at_rest(page)
        named = page.locator("head [href*='/live/'], head [src*='/live/']").evaluate_all(
            "(found) => found.map((element) => element.href || element.src)"
        )
        assert {url for url in needed if re.search(r"/live/.*\.js$", url)} <= set(named)


def test_the_answer_to_a_stroke_that_began_before_its_module_was_there_is_spoken(browser, server):
    with visit(browser, "about:blank") as page:
        held = []
        page.route("**/draw/stages.js", lambda route: held.append(route))
        page.goto(server.url)
        heading(page, "It is a 2").wait_for()
        draw(page, ONE, lift=False)
        wait_until(lambda: held)[0].continue_()
        ready(page)
        page.mouse.up()
        wait_until(lambda: "It is a 1" in page.locator(".said").inner_text())


def test_a_component_that_fails_says_so_and_harms_no_other(browser, server):
    with visit(browser, "about:blank") as page:
        page.route(
            "**/draw/stages.js",
            lambda route: route.fulfill(
                body="export default function () { throw new Error('it broke') }",
                content_type="text/javascript",
            ),
        )
        page.goto(server.url)
        page.get_by_text("Part of this page has failed.").wait_for()
        wait_until(lambda: "'draw/stages' failed: 'Error: it broke'" in server.log())
        draw(page, ONE)
        heading(page, "It is a 1").wait_for()
        page.unroute("**/draw/stages.js")
        own_button(page, "Reload").click()
        page.get_by_label("The drawing as the model sees it").wait_for()


def test_modules_that_cannot_be_loaded_are_said_to_be_missing(browser, server):
    with visit(browser, "about:blank") as page:
        page.route("**/start.js", lambda route: route.abort())
        page.goto(server.url)
        page.get_by_text("Part of this page could not be loaded. Reload the page.").wait_for()


def test_an_old_browser_is_told_what_it_needs(browser, server):
    with visit(browser, "about:blank") as page:
        page.add_init_script(
            "const { supports } = CSS; CSS.supports = (...what) => "
            "what[0] !== 'color' && supports.apply(CSS, what)"
        )
        page.goto(server.url)
        page.get_by_text("VAE Lab needs Chrome or Edge 123, Firefox 121").first.wait_for()


def test_a_text_that_is_left_by_following_a_link_is_kept(browser, server):
    with visit(browser, f"{server.url}/train") as page:
        name = page.get_by_role("textbox", name="Name of the model")
        name.wait_for()
        at_rest(page)
        server.process.send_signal(signal.SIGSTOP)  # It would receive both requests at once.
        try:
            name.fill("just-typed")
            go_to(page, "Draw")
        finally:
            server.process.send_signal(signal.SIGCONT)
        page.get_by_text("Draw a digit").first.wait_for()
        go_to(page, "Train")
        wait_until(lambda: name.input_value() == "just-typed")


@pytest.mark.parametrize(
    ("page", "query", "sender", "trigger"),
    [
        ("", "", "live_draw", "use"),
        ("generate", "", "grid", "pad"),
        ("explore", "", "map", "other"),
        ("explore", "view=Traversals", "live_traversals", "use"),
        ("explore", "view=Sheet", "live_sheet", "use"),
        ("explore", "view=Arithmetic", "live_arithmetic", "picked"),
        ("how-it-works", "step=readings", "how_readings", "go"),
        ("train", "run=classic", "film", "want"),
        ("train", "run=classic", "film", "map"),
    ],
)
def test_what_arrives_after_its_page_was_left_does_not_spoil_the_next(
    server, page, query, sender, trigger
):
    async def leave():
        async with connect(server.url) as session:
            await session.open(page, query)
            await session.open("runs")
            # With the request for a page, of which no fragment is left.
            session.widgets[sender] = session.widgets[sender]._replace(fragment="")
            session.widgets.pop("table", None)
            await session.trigger(sender, trigger, "late")
            return session

    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        session = thread.submit(asyncio.run, leave()).result()
    assert not session.exceptions
    assert "table" in session.widgets, "the whole page"
