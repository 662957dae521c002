"""The requests of a run: what is asked for is in force, whatever happens to the file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_runs import QUICK

from vae.errors import ParamsError
from vae.params import LIVE_PARAMS, bounds
from vae.runs import control, store
from vae.runs.control import Control, ControlReader

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


@given(st.lists(REQUESTS, min_size=1, max_size=5))
@settings(deadline=None, max_examples=50)
def test_what_was_requested_is_read(tmp_path_factory, requests):
    folder = tmp_path_factory.mktemp("run")
    expected = {"desired_state": "run", "target_epochs": 0, "single_steps": 0, "live_params": {}}
    for request in requests:
        returned = control.change(folder, **request)
        steps = expected["single_steps"] + request.get("single_steps", 0)
        live = expected["live_params"] | request.get("live_params", {})
        expected |= request | {"single_steps": steps, "live_params": live}
        assert control.read(folder) == returned
        assert control.read(folder).model_dump() == expected


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        b'{"live_params": {"seed": 1}}',
        b'{"live_params": {"kl_weight": -1}}',
        b'{"target_epochs": "3"}',
        b'{"colour": "red"}',
    ],
)
def test_a_file_that_cannot_be_read_leaves_the_last_request_in_force(home, text):
    run = store.create(QUICK, "x")
    run.request(desired_state="pause", live_params={"kl_weight": 0.0})
    (run.folder / control.FILE).write_bytes(text)
    found = control.read(run.folder)
    assert (found.desired_state, found.live_params) == ("pause", {"kl_weight": 0.0})
    assert found.problem.startswith("The control file cannot be read")
    assert found.problem.endswith("The last valid request holds.")
    assert run.status().problems == [found.problem]
    run.request(target_epochs=7)  # The next request mends the file.
    found = control.read(run.folder)
    assert (found.desired_state, found.target_epochs, found.problem) == ("pause", 7, "")


def test_a_worker_keeps_the_last_valid_request_in_memory(tmp_path):
    reader = ControlReader(tmp_path)
    assert reader.read() == Control()
    control.change(tmp_path, desired_state="pause")
    assert reader.read().desired_state == "pause"
    for name in (control.FILE, control.BACKUP):
        (tmp_path / name).write_text("{")
    found = reader.read()
    assert found.desired_state == "pause"
    assert "cannot be read" in found.problem


def test_what_cannot_be_requested(tmp_path):
    for live in ({"seed": 1}, {"kl_weight": -1.0}, {"kl_weight": float("nan")}):
        with pytest.raises(ParamsError):
            control.change(tmp_path, live_params=live)
    with pytest.raises(ValueError, match="target_epochs"):
        control.change(tmp_path, target_epochs=1001)
    assert list(tmp_path.glob("control.json")) == []
