import json
import time
from collections import deque

import pytest
from conftest import wait_until

from vae import Params, settings, train
from vae.runs import dispatcher, pace
from vae.runs import run as runs

QUICK = {"classic": Params(batch_size=1000, epochs=3)}


@pytest.fixture
def quick(home, monkeypatch):
    (settings.RUNS / "pace.json").unlink()
    monkeypatch.setattr(pace, "PRESETS", QUICK)
    return home


def test_what_is_measured_is_remembered_and_near_the_truth(quick, mnist):
    assert pace.expected() == {} and not pace.known()
    pace.measure()
    found = pace.expected()
    assert found.keys() == QUICK.keys() and pace.known()
    began = time.perf_counter()
    deque(train(QUICK["classic"], mnist), maxlen=0)
    real = time.perf_counter() - began
    assert real / 4 < found["classic"] < real * 4


def test_another_machine_measures_for_itself(quick, monkeypatch):
    (settings.RUNS / "pace.json").write_text(json.dumps({"elsewhere": {"classic": 5.0}}))
    assert pace.expected() == {}
    pace._keep({"classic": 7.0})
    assert pace.expected() == {"classic": 7.0}
    assert json.loads((settings.RUNS / "pace.json").read_text())["elsewhere"] == {"classic": 5.0}


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"x": 1}'])
def test_a_damaged_file_is_no_file(quick, text):
    (settings.RUNS / "pace.json").write_text(text)
    assert pace.expected() == {}


def test_a_wrong_figure_is_none(quick):
    pace._keep({"classic": float("nan"), "gone": 3.0})
    assert pace.expected() == {}


def test_workers_without_work_measure_and_leave_off_for_a_run(home):
    (settings.RUNS / "pace.json").unlink()
    dispatcher.ensure_dispatcher()
    wait_until(lambda: "classic" in pace.expected())
    run = runs.start(Params(batch_size=1000, epochs=1), "first")
    wait_until(lambda: run.status().state == "finished")
    assert not pace.known()
