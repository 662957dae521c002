"""Whatever a browser reports as a drawing, and whatever a link has as one, is no danger."""

import base64
import json
import zlib
from contextlib import suppress

import pytest
from canvas_drawings import SEVEN
from canvas_drawings import strokes as strokes_of
from hypothesis import given, settings
from hypothesis import strategies as st
from tabs import shown_exceptions

from vae.data.strokes import MAX_LENGTH, MAX_POINTS, pack, unpack
from vae.errors import DrawingError

NUMBERS = st.sampled_from([0, -1, 3.5, 1e308, -(2**70), 10**400, float("nan"), float("inf")])
VALUES = NUMBERS | st.none() | st.booleans() | st.text(max_size=9) | st.just("\ud800")
ANY_JSON = st.recursive(
    VALUES,
    lambda part: (
        st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=9), part, max_size=4)
    ),
    max_leaves=8,
)


points = st.lists(st.tuples(st.sampled_from("MLQ"), NUMBERS, NUMBERS).map(list), max_size=5)
strokes = st.lists(
    st.fixed_dictionaries({"path": points | ANY_JSON}) | ANY_JSON, max_size=4
) | st.sampled_from([[{"path": [["M", 1, 1]] * 6000}], [{}] * 20_000])
drawings = st.fixed_dictionaries({"raw": st.fixed_dictionaries({"objects": strokes}) | ANY_JSON})


@given(st.lists(drawings | ANY_JSON, min_size=1, max_size=3))
@settings(max_examples=20, deadline=None)
def test_a_report_of_the_canvas_never_fails(server, reports):
    async def draw(session):
        await session.open()
        for drawing in reports:
            await session.report("canvas", drawing=drawing, backgroundFit=None)

    assert not shown_exceptions(server.url, draw)


def packed(content):
    return base64.urlsafe_b64encode(zlib.compress(content)).decode().rstrip("=")


@given(st.data())
def test_a_cut_text_is_refused_and_a_changed_one_is_no_danger(data):
    drawn = strokes_of(SEVEN)
    text = pack(drawn)
    with pytest.raises(DrawingError, match="damaged or incomplete"):
        unpack(text[: data.draw(st.integers(0, len(text) - 1))])
    i = data.draw(st.integers(0, len(text) - 1))
    changed = text[:i] + data.draw(st.sampled_from("AZaz09-_=+\N{SNOWMAN}")) + text[i + 1 :]
    with suppress(DrawingError):
        assert unpack(changed) == drawn  # Some bits of base64 and zlib mean nothing.


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{}", b"3", b"null", b"[[]]", b"[[[1]]]", b"[[[1,2,3]]]", b"[[[1,2.5]]]"),
        *(b"[[[1,NaN]]]", b"[[[1,true]]]", b"[[[1,561]]]", b"[[[-281,1]]]", b'["ab"]'),
        b"[" * 60_000,
        b"[[[1," + b"9" * 5000 + b"]]]",
        json.dumps([[[1, 1]] * (MAX_POINTS + 1)]).encode(),
        b"[" + b" " * 1_500_000 + b"]",
    ],
)
def test_forged_content_is_refused(content):
    assert len(packed(content)) <= MAX_LENGTH
    with pytest.raises(DrawingError, match="damaged or incomplete"):
        unpack(packed(content))


def test_a_long_text_is_refused_before_it_is_read():
    with pytest.raises(DrawingError, match="too long"):
        unpack("A" * (MAX_LENGTH + 1))
