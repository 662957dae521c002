"""The table of what addresses may say, and what becomes of wrong values."""

import re
from pathlib import Path

import pytest
from app_testing import warnings
from browsing import NAMES, PAGES, at_rest, go_to, visit
from conftest import wait_until
from hypothesis import given
from hypothesis import strategies as st

from ui.explore import arithmetic, sheet
from ui.how.steps import STEPS
from ui.shared import address
from ui.shared.address_kinds import Digits, Number, Numbers, OneOf
from vae import settings


@given(st.text() | st.sampled_from(["nan", "inf", "-inf", "1e999", "", "3.7", "9,9"]))
def test_a_kind_parses_what_is_within_its_bounds_and_refuses_all_else(text):
    for kind in (Number(0, 9), Number(0, 9, whole=True), Numbers(Number(0, 9)), Digits()):
        try:
            value = kind.parse(text)
        except ValueError:
            continue
        assert all(0 <= number <= 9 for number in (value if isinstance(value, list) else [value]))


def test_kinds():
    assert Number(0, 9, whole=True).parse("3.0") == 3
    assert Numbers(Number(0, 9), 2).parse("1,2.5") == [1, 2.5]
    assert Digits().parse("37") == [3, 7]
    assert OneOf(range(3)).parse("2") == 2 and OneOf("ab", several=True).parse("") is None
    for kind, text in (
        (Number(0, 9, whole=True), "3.5"),
        (Numbers(Number(0, 9), 2), "1,2,3"),
        (Digits(), "33"),
        (Digits(), ""),
        (OneOf(range(3)), ""),
        (OneOf(range(3)), "2.0"),
    ):
        with pytest.raises(ValueError):
            kind.parse(text)


def test_the_choices_are_those_of_the_pages(classic):
    assert address.options("step", classic) == (*(step.key for step in STEPS), "all", "glossary")
    assert address.options("set", classic) == (*arithmetic.SETS, "My own")
    assert address.options("steps", classic) == tuple(sheet.STEPS)


def test_what_components_add_to_links_is_in_the_table():
    texts = [path.read_text() for path in (settings.ROOT / "ui").rglob("*.js")]
    added = {name for text in texts for name in re.findall(r'\bcontribute\("(\w+)"', text)}
    assert added and added <= {row.name for row in address.TABLE}


def test_bound_widgets_are_in_the_table():
    texts = [Path(path).read_text() for path in (settings.ROOT / "ui").rglob("*.py")]
    bound = [text for text in texts if 'bind="query-params"' in text]
    assert len(bound) == 4, "the address, its digits and the choices of the model and the run"


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("explore", {"view": ""}),
        ("explore", {"base_from": ["", "x"], "digit": "", "x": "", "walk": "1,2", "map": "plane"}),
        ("explore", {"start_digit": "1e400", "path": ["", ""], "at": "2", "along": "x"}),
        ("explore", {"set": "", "image_digit": "9" * 5000, "plus": "1,x", "pin": "1"}),
        ("generate", {"columns": ["", "x"], "digits": "x", "seed": "inf", "count": "nan"}),
        ("generate", {"z0": "99", "spread": "-1", "contrast_conv": "9", "source": "me"}),
        ("generate", {"knob": "z31", "across": "z31", "up": "z10", "count": "1.5"}),
        ("how-it-works", {"how_from": "", "how_digit": "-inf", "how_rate": "", "how_beta": "7"}),
        ("how-it-works", {"step": "*x*", "how_label": "10", "how_dimension": "32"}),
    ],
)
def test_a_wrong_value_is_a_sentence_and_leaves_the_address(app, page, wrong):
    app.query_params.update(wrong | {"foreign": "1"})
    app.switch_page(f"../pages/{page}.py").run()
    assert set(app.query_params) - {"model"} <= {"foreign", "step"}
    said = warnings(app)
    assert all(f"In the link, {name} must be" in said for name in wrong)
    assert len(app.warning) == len(wrong)
    app.run()
    assert not app.warning, "it is said once"


def test_the_sentence_names_what_is_allowed(app):
    app.query_params.update({"seed": "-1", "z31": "1", "columns": "*x*", "use": "*y*"})
    app.switch_page("../pages/generate.py").run()
    said = warnings(app)
    assert "seed must be a whole number between 0 and 9999, not '-1'. It was left out." in said
    assert "columns must be one of Sample, Sweep, Pad, not '*x*'." in said
    assert "This model has no z31: its z has 10 dimensions." in said
    assert "There is no model '*y*'. Shown: conv." in said
    assert not any("*" in warning.value.replace(r"\*", "") for warning in app.warning)


def test_a_value_that_stays_in_the_address_is_not_checked_against_another_model(app):
    app.query_params.update({"view": "Traversals", "walk": ",".join("0" * 10)})
    app.switch_page("../pages/explore.py").run()
    app.selectbox(key="model").set_value("plane").run()
    assert not app.warning, warnings(app)


STATE = """() => [...document.querySelectorAll("[data-testid=stApp] :is(input, button)")].map(
    (e) => [e.ariaLabel ?? e.textContent, e.ariaChecked ?? e.ariaPressed ?? e.value].join()
)"""
"""What the widgets of a page show."""


def test_back_after_another_page_shows_the_same(browser, server):
    links = {
        "/": "model=fast",
        "/generate": "model=fast&columns=Sweep&knob=z3&digits=1&digits=4&z0=1.5&count=5",
        "/explore": "model=fast&view=Sheet&base_from=Test+digit&base_digit=12&x=z6&digit=4",
        "/how-it-works": "step=training_step&how_digit=12&how_rate=0.01",
        "/train": "run=fast",
        "/runs": "model=fast",
    }
    with visit(browser, "about:blank") as page:
        for path, query in links.items():
            page.goto(f"{server.url}{path}?{query}")
            page.get_by_text(PAGES[path]).first.wait_for()
            at_rest(page)
            # The code of some widgets comes later than the page.
            wait_until(lambda: page.get_by_test_id("stSkeleton").count() == 0)
            if path == "/generate":
                page.locator(".st-key-z1 input[type=range]").press("ArrowRight")
                page.wait_for_url("**z1=0.1*")
            url, state = page.url, page.evaluate(STATE)
            assert not [part for part in query.split("&") if part not in url], url
            other = "/" if path == "/runs" else "/runs"
            go_to(page, NAMES[other])
            page.get_by_text(PAGES[other]).first.wait_for()
            at_rest(page)
            page.go_back()
            page.get_by_text(PAGES[path]).first.wait_for()
            wait_until(lambda url=url: page.url == url)
            wait_until(lambda state=state: page.evaluate(STATE) == state)
