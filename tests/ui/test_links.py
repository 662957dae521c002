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
    ("page", "address"),
    [
        ("explore", {"view": ""}),
        ("explore", {"view": "Sheet", "digit": "", "base_from": ["", "x"], "x": ""}),
        ("explore", {"view": "Morph", "start_digit": "1e400", "path": ["", ""]}),
        ("explore", {"view": "Arithmetic", "set": "", "image_digit": "9" * 5000}),
        ("generate", {"columns": ["", "x"], "digits": "", "seed": "inf", "count": "nan"}),
        ("how-it-works", {"step": "all", "how_from": "", "how_digit": "-inf", "how_rate": ""}),
    ],
)
def test_what_a_widget_cannot_take_from_an_address_is_named(app, page, address):
    app.query_params.update(address)
    app.switch_page(f"../pages/{page}.py").run()
    assert not app.exception
    wrong = address.keys() - {"step"} - ({"view"} if address.get("view") else set())
    assert not app.query_params.keys() & wrong
    said = warnings(app)
    assert all(f"In the link, {key} must be" in said for key in wrong)
    app.run()
    assert not app.exception and not app.warning
