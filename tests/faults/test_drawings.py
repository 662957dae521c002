"""Whatever a browser reports as a drawing, Draw shows no exception."""

import base64
import struct
import zlib

from canvas_drawings import SEVEN, canvas, report
from hypothesis import given, settings
from hypothesis import strategies as st
from tabs import shown_exceptions

GOOD = report(canvas(SEVEN))["drawing"]
PNG = base64.b64decode(GOOD["data"].partition(",")[2])

NUMBERS = st.sampled_from([0, -1, 3.5, 1e308, -(2**70), 10**400, float("nan"), float("inf")])
VALUES = NUMBERS | st.none() | st.booleans() | st.text(max_size=9) | st.just("\ud800")
ANY_JSON = st.recursive(
    VALUES,
    lambda part: (
        st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=9), part, max_size=4)
    ),
    max_leaves=8,
)


def chunk(kind, content):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, depth, color):
    """A file of 3 kB that claims to be of that size."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(3_000_000)))
    return PNG[:8] + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


sides = st.sampled_from([0, 1, 28, 280, 1121, 20_000, 2**31 - 1])
pictures = st.one_of(
    st.builds(png, sides, sides, st.sampled_from([1, 8, 16, 0]), st.sampled_from([0, 2, 3, 6, 7])),
    st.builds(lambda at, part: PNG[:at] + part + PNG[at + 1 :], st.integers(0, 400), st.binary()),
    st.builds(lambda end: PNG[:end], st.integers(0, len(PNG))),
    st.binary(max_size=99),
)
urls = pictures.map(lambda file: "data:image/png;base64," + base64.b64encode(file).decode())
points = st.lists(st.tuples(st.sampled_from("MLQ"), NUMBERS, NUMBERS).map(list), max_size=5)
strokes = st.lists(
    st.fixed_dictionaries({"path": points | ANY_JSON}) | ANY_JSON, max_size=4
) | st.sampled_from([[{"path": [["M", 1, 1]] * 6000}], [{}] * 20_000])
drawings = st.fixed_dictionaries(
    {"data": urls | st.just(GOOD["data"]) | ANY_JSON},
    optional={"raw": st.fixed_dictionaries({"objects": strokes}) | ANY_JSON},
)


@given(st.lists(drawings | ANY_JSON, min_size=1, max_size=3))
@settings(max_examples=20, deadline=None)
def test_a_report_of_the_canvas_never_fails(server, reports):
    async def draw(session):
        await session.open()
        for drawing in reports:
            await session.report("canvas", drawing=drawing, backgroundFit=None)

    assert not shown_exceptions(server.url, draw)
