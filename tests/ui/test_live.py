"""How the model travels to the browser, and what happens where it cannot be used."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from browsing import ONE, at_rest, draw, go_to, heading, visit
from conftest import wait_until

from benchmarks.load.session import connect
from ui.live.model.pack import pack
from vae import load

MODELS = "[...(globalThis[Symbol.for('vae-lab')]?.models.keys() ?? [])]"
SHOWN = {"Draw": "canvas.upper-canvas", "Generate": "[aria-label='A grid of generated digits']"}
AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"


def models(page):
    """The names of the models that this page has."""
    return [model_id.partition("@")[0] for model_id in page.evaluate(MODELS)]


@pytest.fixture
def received():
    """A list to which `listen` adds the size of each message from the server."""
    return []


def listen(page, received):
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))),
    )
    page.reload()


def test_the_weights_of_a_model_travel_once(browser, server, received):
    size = len(pack(load("conv"), "conv@0"))
    assert size < 3_000_000
    with visit(browser, f"{server.url}/generate") as page:
        listen(page, received)
        wait_until(lambda: models(page) == ["conv"])
        assert [count for count in received if count > size / 2] == [max(received)]
        assert size < max(received) < 3_000_000, "the weights and the code"
        for _ in range(2):
            for name in ("Draw", "Generate"):
                received.clear()
                go_to(page, name)
                page.locator(SHOWN[name]).wait_for()
                page.locator(AT_REST).wait_for()
                assert max(received) < 100_000, "no weights"
        page.get_by_role("combobox", name="Model").click()
        page.get_by_role("option", name="classic").click()
        wait_until(lambda: models(page) == ["conv", "classic"])


def test_code_that_cannot_be_loaded_is_done_without(browser, server):
    with visit(browser, server.url) as page:
        page.add_init_script(
            """Object.defineProperty(globalThis, Symbol.for("vae-lab"), {
                get() { throw new Error("too old") }
            })"""
        )
        page.reload()
        draw(page, ONE)
        heading(page, "It is a 1").wait_for()
        page.get_by_alt_text("The model's reconstruction").wait_for()
        page.get_by_test_id("stVegaLiteChart").nth(1).wait_for()
        go_to(page, "Generate")
        picture = page.get_by_role("img", name="A grid of generated digits")
        before = picture.get_attribute("src")
        page.get_by_role("slider", name="z0").press("End")
        wait_until(lambda: picture.get_attribute("src") != before)


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
        ("generate", "", "grid", "drawn"),
        ("generate", "", "grid", "pad"),
        ("generate", "", "loader", "want"),
        ("explore", "", "map_source", "want"),
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
