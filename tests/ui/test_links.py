"""What the address of a page may ask for."""

import pytest
from app_testing import warnings
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from ui import links


@given(st.integers(-5, 15))
def test_a_whole_number_is_valid_within_its_bounds(number):
    rule = links.whole(0, 9)
    assert rule.valid(str(number)) == rule.valid(f"{number}.0") == (0 <= number <= 9)
    assert not rule.valid(f"{number}.5")


@given(st.text() | st.sampled_from(["nan", "inf", "-inf", "1e999", "", "3.7"]))
def test_no_value_of_an_address_breaks_a_rule(text):
    for rule in (links.whole(0, 9), links.between(0, 9)):
        assert not rule.valid(text) or 0 <= float(text) <= 9


def _page():
    import streamlit as st

    from ui import links

    st.session_state.taken = links.take("at", links.between(0, 1), otherwise="Shown: 0.")
    st.session_state.once = links.take("walk", links.one_of(["a", "b"]), remove=True)


def test_a_wrong_parameter_without_a_widget_is_named_once():
    app = AppTest.from_function(_page)
    app.query_params.update({"at": "3", "walk": "b"})
    app.run()
    assert warnings(app) == "In the link, at must be between 0 and 1, not '3'. Shown: 0."
    assert app.session_state.taken is None and app.session_state.once == "b"
    assert not app.query_params, "the wrong one, and the one to be taken out"
    app.run()
    assert not app.warning and app.session_state.once is None

    app.query_params["at"] = "0.5"
    app.run()
    assert app.session_state.taken == "0.5" and app.query_params["at"] == "0.5"
    assert not app.warning


@pytest.mark.parametrize(
    ("page", "empty"),
    [
        ("explore", ("view", "model")),
        ("explore", ("digit", "base_from", "steps", "x")),
        ("explore", ("set", "pick", "image_from")),
        ("generate", ("columns", "digits", "source", "knob", "seed")),
    ],
)
def test_an_empty_value_of_an_address_is_none(app, page, empty):
    app.query_params.update(dict.fromkeys(empty, ""))
    app.query_params[empty[0]] = ["", ""]
    if "steps" in empty or "set" in empty:
        app.query_params["view"] = "Sheet" if "steps" in empty else "Arithmetic"
    app.switch_page(f"pages/{page}.py").run()
    assert not app.warning and not app.exception
    assert not app.query_params.keys() & set(empty)


def test_of_repeated_values_the_empty_ones_are_none(app):
    app.query_params.update({"columns": ["", "Sweep"], "knob": ["x", ""]})
    app.switch_page("pages/generate.py").run()
    assert app.segmented_control(key="columns").value == "Sweep"
    assert "knob must be one of" in warnings(app) and not app.exception
