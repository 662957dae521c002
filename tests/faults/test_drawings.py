"""Whatever a browser reports as a drawing, Draw shows no exception."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tabs import shown_exceptions

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
