"""The requests of a run: what is asked for is in force."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_runs import QUICK

from vae.errors import ParamsError
from vae.params import LIVE_PARAMS, bounds
from vae.runs import control, store

VALUES = {name: st.floats(*bounds(name)) for name in LIVE_PARAMS}
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "desired_state": st.sampled_from(["run", "pause", "stop"]),
        "target_epochs": st.integers(0, int(bounds("epochs").high)),
        "single_steps": st.integers(0, 1000),
        "live_params": st.fixed_dictionaries({}, optional=VALUES),
    },
)


@pytest.fixture(scope="module")
def runs(shared_database):
    return (store.create(QUICK, f"run-{i}") for i in range(10**6))


@given(requests=st.lists(REQUESTS, min_size=1, max_size=5))
@settings(deadline=None, max_examples=50)
def test_what_was_requested_is_read(runs, requests):
    run = next(runs)
    expected = {"desired_state": "run", "target_epochs": 0, "single_steps": 0, "live_params": {}}
    for request in requests:
        returned = control.change(run.id, **request)
        steps = expected["single_steps"] + request.get("single_steps", 0)
        live = expected["live_params"] | request.get("live_params", {})
        expected |= request | {"single_steps": steps, "live_params": live}
        assert run.status().control == returned
        assert returned.model_dump() == expected


def test_what_cannot_be_requested_changes_nothing(runs):
    run = next(runs)
    before = run.status()
    for live in ({"seed": 1}, {"kl_weight": -1.0}, {"kl_weight": float("nan")}):
        with pytest.raises(ParamsError):
            control.change(run.id, live_params=live)
    with pytest.raises(ValueError, match="target_epochs"):
        control.change(run.id, desired_state="stop", target_epochs=1001)
    assert run.status() == before
