"""The page How it works: its steps, their code, the glossary; its keys, its address, its print."""

import ast
import importlib
import inspect
import re
import textwrap

import pytest
from browsing import at_rest, background, go_to, heading, narrow_enough, own_button, visit
from conftest import wait_until

from ui.how import code, glossary
from ui.how.steps import STEPS
from ui.shared.address import ALL_STEPS, GLOSSARY
from vae import settings

DESKTOP = (1280, 900)
PLACES = sorted({place for step in STEPS for place in step.code.split()})


def body(source):
    """What a function or class does: its syntax tree without the docstring."""
    (definition,) = ast.parse(textwrap.dedent(source)).body
    if ast.get_docstring(definition):
        del definition.body[0]
    return ast.dump(definition)


@pytest.mark.parametrize("place", PLACES)
def test_the_code_that_a_step_shows_is_the_code_that_runs(place):
    shown = code.read(place)
    assert '"""' not in shown.text
    file, name = place.split(":")
    lines = (settings.ROOT / file).read_text().splitlines()
    assert lines[shown.line - 1].strip() == shown.text.splitlines()[0]
    if "import tensorflow" in "\n".join(lines):  # It is not worth loading TensorFlow for.
        rest = iter(lines[shown.line - 1 :])
        assert all(any(line in other for other in rest) for line in shown.text.splitlines())
        ast.parse(shown.text)
        return
    found = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    for part in name.split("."):
        found = getattr(found, part)
    assert body(shown.text) == body(inspect.getsource(inspect.unwrap(found)))


@pytest.mark.parametrize(
    "place",
    [
        "vae/model/numpy_model.py:TrainedVAE.encodes",
        "vae/model/numpy_model.py:encode",
        "vae/model/numpy_model.py",
        "vae/model/nothing.py:encode",
    ],
)
def test_code_that_is_not_there(place):
    with pytest.raises(LookupError):
        code.read(place)


def test_there_are_eight_steps_and_every_word_leads_to_one_or_to_a_view():
    keys = [step.key for step in STEPS]
    assert len(set(keys) - {ALL_STEPS, GLOSSARY}) == len(keys) == 8
    names = [word.name for word in glossary.WORDS]
    assert len(set(names)) == len(names)
    # Not imported: one of the views has a component that needs Streamlit's server.
    views = re.findall(r'"(\w+)": \w+\.show', (settings.ROOT / "ui/explore/views.py").read_text())
    places = {word.place for word in glossary.WORDS}
    assert places <= {*keys, *(f"{glossary.EXPLORE}{view}" for view in views)}
    assert set(keys) <= places, "each step explains a word"


def shown(page):
    """The headings of the steps on the page, and the step in the address."""
    at_rest(page)
    step = page.evaluate("new URL(location).searchParams.get('step')")
    return page.get_by_role("heading", level=2).all_inner_texts(), step


def turn(page, way):
    return page.locator(f".st-key-how_{way} button")


def awaited(page, number):
    """Wait until a step, by its number, is the only one, and is in the address."""
    step = STEPS[number - 1]
    wait_until(lambda: shown(page) == ([f"{number} {step.title}"], step.key))


def open_step(page, server, number):
    """Open a step at its address, and wait until its keys work."""
    page.goto(f"{server.url}/how-it-works?step={STEPS[number - 1].key}")
    page.locator(".st-key-how_keys [data-ready]").wait_for(state="attached")
    awaited(page, number)
    page.locator(".how[data-ready]").wait_for(state="attached")


@pytest.fixture(scope="module")
def page(browser, server):
    with visit(browser, f"{server.url}/runs", DESKTOP) as page:
        yield page


def test_the_glossary_explains_each_word_and_leads_to_steps_and_views(page):
    own_button(page, "Help").click()
    page.get_by_role("link", name="Glossary").click()
    wait_until(lambda: shown(page) == (["Glossary"], GLOSSARY))
    page.get_by_test_id("stPopoverBody").wait_for(state="detached")
    words = page.locator(".st-key-how_words")
    for word in glossary.WORDS:
        words.get_by_text(word.name, exact=True).wait_for()
    assert words.locator("button, a").count() == len(glossary.WORDS)
    words.get_by_role("button", name="3 Label").first.click()
    awaited(page, 3)
    own_button(page, "Help").click()
    own_button(page, "Glossary: what the words mean").click()
    words.get_by_role("link", name="Explore: Traversals").click()
    page.get_by_role("radio", name="Traversals", checked=True).wait_for()


def test_keys_and_buttons_turn_to_the_other_steps(page, server):
    open_step(page, server, 3)
    for key, number in (("ArrowRight", 4), ("PageUp", 3), ("ArrowLeft", 2)):
        page.keyboard.press(key)
        awaited(page, number)
    page.go_back()
    awaited(page, 3)
    page.get_by_role("radio", name="8 β").click()
    awaited(page, 8)
    wait_until(turn(page, "next").is_disabled)
    go_to(page, "Draw")
    page.locator("canvas.upper-canvas").wait_for()
    go_to(page, "How it works")
    heading(page, f"8 {STEPS[7].title}").wait_for()
    at_rest(page)
    turn(page, "back").click()
    awaited(page, 7)


def test_the_first_step_has_none_before_it_and_its_slider_has_its_own_keys(page, server):
    open_step(page, server, 1)
    wait_until(turn(page, "back").is_disabled)
    page.keyboard.press("ArrowLeft")
    slider = page.get_by_role("slider", name="Output for")
    before = slider.input_value()
    slider.press("ArrowRight")
    wait_until(lambda: slider.input_value() != before)
    awaited(page, 1)


def test_page_down_scrolls_to_the_end_of_a_step_and_then_goes_on(page, server):
    open_step(page, server, 2)
    main, top = page.get_by_test_id("stMain"), "main => main.scrollTop"
    end = main.evaluate("main => main.scrollHeight - main.clientHeight")
    assert end > 0
    while (place := main.evaluate(top)) < end - 2:
        page.keyboard.press("PageDown")
        wait_until(lambda place=place: main.evaluate(top) > place)
    awaited(page, 2)
    page.keyboard.press("PageDown")
    awaited(page, 3)
    wait_until(lambda: main.evaluate(top) == 0)


def test_all_steps_are_one_page_that_prints_without_its_controls(page, server):
    page.goto(f"{server.url}/how-it-works?step=all")
    headings = [f"{number} {step.title}" for number, step in enumerate(STEPS, 1)]
    wait_until(lambda: shown(page) == ([*headings, "Glossary"], ALL_STEPS))
    for step in STEPS:
        page.locator(f".st-key-how_question_{step.key}").wait_for()
    narrow_enough(page)
    page.locator(".encode .row[aria-pressed=true]").wait_for()
    page.locator(".sample .row[aria-pressed=true]").wait_for()
    page.emulate_media(media="print", color_scheme="dark")
    for gone in (".st-key-header", ".st-key-how_top", ".st-key-how_row", ".encode .output"):
        page.locator(gone).first.wait_for(state="hidden")
    own_button(page, "New ε").wait_for(state="hidden")
    for there in (".encode .row[aria-pressed=true]", ".ten canvas", ".st-key-how_words"):
        page.locator(there).first.wait_for()
    for step in STEPS:
        page.locator(f".st-key-how_one_{step.key}").wait_for()
    wait_until(lambda: background(page) == 255)
    pdf = page.pdf(format="A4")
    contents = re.findall(rb"/Type /Page\n.*?/Contents (\d+) 0 R", pdf, re.DOTALL)
    assert len(STEPS) < len(contents) < 3 * len(STEPS)
    for number in contents:
        size = re.search(rb"\n" + number + rb" 0 obj\n<<.*?/Length (\d+)", pdf, re.DOTALL)
        assert int(size[1]) > 500, "an empty sheet"
