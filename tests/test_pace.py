import json

import pytest
from conftest import wait_until
from filelock import FileLock, Timeout

from vae import Params, pace, paths, runs

QUICK = {"classic": Params(epochs=3)}


@pytest.fixture
def quick(home, monkeypatch):
    paths.RUNS.mkdir()
    monkeypatch.setattr(pace, "PRESETS", QUICK)
    return home


def test_what_is_measured_is_remembered_and_near_the_truth(quick):
    assert pace.expected() == {}
    pace.measure()
    found = pace.expected()
    assert found.keys() == QUICK.keys()
    run = runs.start(QUICK["classic"], "real")
    wait_until(lambda: not run.status().live)
    events = [json.loads(line) for line in (run.folder / "events.jsonl").read_text().splitlines()]
    real = next(e["at"] for e in reversed(events) if e["event"] == "epoch") - events[0]["at"]
    assert real / 4 < found["classic"] < real * 4


def test_another_machine_measures_for_itself(quick, monkeypatch):
    (paths.RUNS / "pace.json").write_text(json.dumps({"elsewhere": {"classic": 5.0}}))
    assert pace.expected() == {}
    pace._keep({"classic": 7.0})
    assert pace.expected() == {"classic": 7.0}
    assert json.loads((paths.RUNS / "pace.json").read_text())["elsewhere"] == {"classic": 5.0}


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"x": 1}'])
def test_a_damaged_file_is_no_file(quick, text):
    (paths.RUNS / "pace.json").write_text(text)
    assert pace.expected() == {}


def test_a_wrong_figure_is_none(quick):
    pace._keep({"classic": float("nan"), "gone": 3.0})
    assert pace.expected() == {}


def test_one_probe_at_a_time_and_none_beside_a_run(home):
    probing = pace.probe()
    try:
        wait_until(lambda: _held(paths.RUNS / "pace.lock"))
        assert pace.probe() is None
    finally:
        probing.kill()
    wait_until(lambda: not _held(paths.RUNS / "pace.lock"))
    run = runs.start(Params(), "busy")
    try:
        assert pace.probe() is None
    finally:
        run.stop()
        wait_until(lambda: not run.status().live)


def _held(path):
    try:
        with FileLock(path, blocking=False):
            return False
    except Timeout:
        return True
