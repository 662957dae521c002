"""The same parameters through a file, the terminal and the page: the same verdict from each."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args, get_origin

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.faults import specimen
from benchmarks.faults.tally import Tally, check, check_sentence
from ui.runs import form
from vae.cli import params_of, parse_arguments
from vae.errors import ParamsError
from vae.model.training_size import check_size
from vae.params import Params, bounds

COUNT, QUICK = 2000, 200
PAGES, PAGES_QUICK = 100, 8

_ODD: tuple[Any, ...] = (
    *(0, -1, 1, 2**31, 10**400, 0.5, -0.5, 1e-9, 1e308, float("nan"), float("inf"), True, False),
    *("", "x", "1 2", "relu", [], [0], [1, 2, 3, 4], [10**9], [2.5], ["x"], {}, None),
)


def _values(name: str) -> st.SearchStrategy[Any]:
    """Values of a field: within its bounds, at them, just beyond, and of other types."""
    kind = Params.model_fields[name].annotation
    if kind is bool:
        own: st.SearchStrategy[Any] = st.booleans()
    elif get_origin(kind) is Literal:
        own = st.sampled_from(get_args(kind))
    elif kind in (int, float):
        low, high = bounds(name)
        steps = [low, high, low - 1, high + 1, low - 1e-9, high * 1.0001]
        numbers = st.integers(int(low), int(high)) if kind is int else st.floats(low, high)
        own = numbers | st.sampled_from([kind(value) for value in steps])
    else:
        own = st.lists(st.integers(0, 520), max_size=4)
        # A number that is typed is a list of one, which in a file is written as one.
        return own | st.sampled_from([value for value in _ODD if type(value) is not int])
    return st.one_of(own, own, own, st.sampled_from(_ODD))


PARAMETERS = st.dictionaries(
    st.sampled_from(sorted(Params.model_fields)), st.none(), max_size=4
).flatmap(lambda names: st.fixed_dictionaries({name: _values(name) for name in names}))


def run(quick: bool) -> Iterator[Tally]:
    """A row for file and terminal, and one for the page besides."""
    tally = Tally("parameters: file and terminal agree")
    _try_all(tally, QUICK if quick else COUNT, _agree)
    yield tally
    tally = Tally("parameters: the page agrees, too")
    _try_all(tally, PAGES_QUICK if quick else PAGES, _agree_with_page)
    yield tally


def _try_all(tally: Tally, count: int, act: Callable[[dict[str, Any]], str]) -> None:
    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(PARAMETERS)
    def try_one(values: dict[str, Any]) -> None:
        tally.trial(lambda: act(values), values)

    try_one()


def _agree(values: dict[str, Any]) -> str:
    by_file, by_terminal = _verdict(_of_file, values), _verdict(_of_terminal, values)
    check(by_file == by_terminal, f"file: {by_file!s:.200}; terminal: {by_terminal!s:.200}")
    return "valid" if by_file else "refused in a sentence"


def _verdict(read: Callable[[dict[str, Any]], Params], values: dict[str, Any]) -> Params | None:
    try:
        params = read(values)
        check_size(params)
    except ParamsError as error:
        check_sentence(error)
        return None
    return params


def _of_file(values: dict[str, Any]) -> Params:
    return Params.from_json(json.dumps(Params().model_dump() | values))


def _of_terminal(values: dict[str, Any]) -> Params:
    options = [f"--{name.replace('_', '-')}={_typed(name, v)}" for name, v in values.items()]
    return params_of(parse_arguments(["train", *options]))


def _typed(name: str, value: Any) -> str:
    """The text that has to be typed for this value of a parameter."""
    if isinstance(value, list) and isinstance(getattr(Params(), name), tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _agree_with_page(values: dict[str, Any]) -> str:
    """Type what can be typed; sliders and lists of the page have valid values only."""
    typed = {name: value for name, value in values.items() if form.is_typed(name)}
    by_file = _verdict(_of_file, typed)
    app = specimen.page_of("train", {})
    for name, value in typed.items():
        app.session_state[f"param_{name}"] = _typed(name, value)
    app.run()
    check(not app.exception, f"on the page: {[error.message for error in app.exception]}")
    (start,) = [button for button in app.button if button.label == "Start training"]
    check(start.disabled != bool(by_file), f"file: {by_file}; the page: {not start.disabled}")
    check(not start.disabled or app.error, "no sentence")
    return "valid" if by_file else "refused in a sentence"
