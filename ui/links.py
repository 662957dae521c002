"""What the address of a page asks for: values that do not exist are named, not dropped silently."""

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import NamedTuple

import streamlit as st

from ui.callbacks import escaped

_MAX_SHOWN = 40
"""So many characters of a value from an address are repeated on the page."""


class Rule(NamedTuple):
    """What a parameter of the address may be: as a test and in words."""

    valid: Callable[[str], bool]
    allowed: str


def one_of(options: Iterable[object]) -> Rule:
    """One of these options."""
    known = list(map(str, options))
    return Rule(lambda value: value in known, f"one of {', '.join(known)}")


def between(low: float, high: float) -> Rule:
    """A number in these bounds."""

    def valid(value: str) -> bool:
        try:
            return low <= float(value) <= high
        except ValueError:
            return False

    return Rule(valid, f"between {low:g} and {high:g}")


def whole(low: int, high: int) -> Rule:
    """A whole number in these bounds; Streamlit would cut the decimals of another off."""
    within = between(low, high).valid
    return Rule(
        lambda value: within(value) and float(value).is_integer(),
        f"a whole number between {low} and {high}",
    )


def invalid(rules: Mapping[str, Rule]) -> dict[str, str]:
    """The parameters, with their values, that break their rules.

    To be asked before the widgets of these keys are made: these take over valid values only. What
    a widget would stumble over is taken out of the address, and the page is run again.
    """
    state, params = st.session_state, st.query_params
    found = {
        key: value
        for key, rule in rules.items()
        if key not in state  # Otherwise the widget has seen it before.
        for value in params.get_all(key)
        if not rule.valid(value)
    }
    taken_out: dict[str, str] = state.setdefault("taken_out", {})
    unfit = {key: value for key, value in found.items() if any(map(_unfit, params.get_all(key)))}
    # At once, also those of rules that the page asks for later: so it is run again only once.
    unfit |= {key: "" for key in params if key and key not in state and "" in params.get_all(key)}
    if unfit:
        taken_out |= unfit
        for key in unfit:
            params.pop(key)
        st.rerun()
    return found | {key: taken_out.pop(key) for key in rules if key in taken_out}


def _unfit(value: str) -> bool:
    """Whether Streamlit's widgets fail with it: as a choice it means that nothing is chosen, even
    where something must be; as a whole number it is infinite.
    """
    try:
        return value == "" or not isfinite(float(value))
    except ValueError:
        return False


def warn_invalid(found: Mapping[str, str], rules: Mapping[str, Rule]) -> None:
    """Say for each of these what its widget, which has been made since, shows instead."""
    for key, value in found.items():
        if key not in st.session_state:
            continue  # Its widget is not on the page.
        shown = st.session_state[key]
        text = ", ".join(map(str, shown)) if isinstance(shown, list) else str(shown)
        warn(
            f"In the link, {escaped(key)} must be {rules[key].allowed}, not {quoted(value)}. "
            f"Shown: {escaped(text)}."
        )


def take(
    name: str, rule: Rule, remove: bool = False, otherwise: str = "It was left out."
) -> str | None:
    """The value of a parameter that belongs to no widget; None if it is missing or not valid.

    A value that is not valid is named where this is called, and taken out of the address, so that
    later reruns say nothing of it.

    Args:
        name: of the parameter.
        rule: what it may be.
        remove: whether a valid value is taken out of the address, too.
        otherwise: the sentence that says what happens instead of a value that is not valid.
    """
    value = st.query_params.get(name)
    if value is None:
        return None
    valid = rule.valid(value)
    if remove or not valid:
        st.query_params.pop(name)
    if valid:
        return value
    warn(f"In the link, {escaped(name)} must be {rule.allowed}, not {quoted(value)}. {otherwise}")
    return None


def translate(names: Mapping[str, str], values: Mapping[str, Mapping[str, str]]) -> None:
    """Rewrite a link of an earlier version and run the page again with it.

    Args:
        names: old names of parameters, and today's.
        values: old values of parameters, and today's.
    """
    params = st.query_params
    new = {today: params[old] for old, today in names.items() if old in params}
    for key, table in values.items():
        if key not in st.session_state and params.get(key) in table:
            new[key] = table[params[key]]
    if new:
        for old in names:
            params.pop(old, None)
        params.update(new)
        st.rerun()


def missing(kind: str, wanted: str, shown: str) -> str:
    """The sentence about something that an address names and that does not exist."""
    return f"There is no {kind} {quoted(wanted)}. Shown: {escaped(shown)}."


def warn(message: str) -> None:
    """Show such a sentence, where it is called."""
    st.warning(message, icon=":material/link_off:")


def quoted(value: str) -> str:
    """A value from an address, short and as plain text in quotes."""
    short = value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}…"
    return f"'{escaped(short)}'"
