"""No address makes a page fail, whatever its parameters are."""

from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tabs import shown_exceptions

PLACE = {"from": "Test digit", "digit": "8", "seed": "3", "as": "5"}
COMMON = {"model": "plane", "use": "fast", "drawing": "test-35"}
PAGES = {
    "": {"z": "0,1"},
    "generate": {
        **{
            "digits": "3",
            "columns": "Sample|Sweep|Pad",
            "source": "Digit's own",
            "count": "3",
            "seed": "7",
        },
        **{"spread": "0.5", "knob": "z1", "across": "z0", "up": "z1", "contrast_conv": "1.5"},
        **{"z0": "1.5", "z9": "-3", "z31": "0", "z99": "1"},
    },
    "explore": {
        **{
            "view": "Map|Traversals|Sheet|Morph|Arithmetic",
            "map": "z0 and z1",
            "pin": "0.5,-1.2",
            "shown": "0,1",
            "as": "4",
        },
        **{"digit": "2", "walk": "0,0", "x": "z0", "y": "z1", "steps": "9", "along": "z"},
        **{"path": "Straight", "at": "0.5", "set": "Slant", "pick": "3", "amount": "1.5"},
        **{"plus": "1,2", "minus": "3"},
        **{f"{of}_{n}": v for of in ("base", "start", "end", "image") for n, v in PLACE.items()},
    },
    "how-it-works": {
        **{
            "step": "all|sample|label|beta|loss",
            "how_from": "Test digit",
            "how_digit": "35",
            "how_beta": "4",
        },
        **{"how_dimension": "3", "how_label": "7", "how_rate": "0.1"},
    },
    "train": {"run": "classic", "like": "conv"},
    "runs": {"run": "classic", "like": "conv"},
}
"""By the page's path: its parameters, each with values that may be valid."""

TEXTS = [
    *("", " ", "0", "1", "-1", "1.5", "1e400", "nan", "inf", "1_0", "٣", "9" * 5000, "x" * 20_000),
    *("None", "true", "[]", "{}", "a,b", "0,1,2,3,4,5,6,7,8,9", "../../etc/passwd", "\x01", "\n"),
    *("\ufeff", "\u202eabc", "😀" * 50, "%00", "<b>", "$x$", "[a](b)", "=1+1", "{{7*7}}", "test-"),
    *("test--1", "test-99999999999", "1AAAA", "1" + "A" * 2000, "2" + "A" * 20, "z31", "z99"),
]


def values(valid):
    return st.sampled_from(valid.split("|")) | st.sampled_from(TEXTS) | st.text(max_size=9)


def addresses(page):
    """Some of the parameters, now and then one of them twice, and one that no page has."""
    parameters = COMMON | PAGES[page]
    fields = {name: values(valid) for name, valid in parameters.items()}
    names = st.sampled_from([*parameters, *TEXTS[:20]])
    once = st.fixed_dictionaries({}, optional=fields).map(lambda found: [*found.items()])
    others = st.lists(st.tuples(names, st.sampled_from(TEXTS)), max_size=2)
    return st.builds(lambda pairs, more: pairs + more, once, others)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_at_any_address(server, page):
    @given(addresses(page))
    @example([("", " "), ("$$ID-x", "1")])  # What Streamlit takes for no key.
    @settings(max_examples=10, deadline=None)
    def opens(parameters):
        async def open_twice(session):
            query = urlencode(parameters, errors="replace")
            await session.open(page, query)
            await session.open(page, query)  # Some is kept of the address for the next run.

        assert not shown_exceptions(server.url, open_twice)

    opens()
