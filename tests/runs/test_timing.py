"""How long a training is expected to take."""

import platform
import re

from by_hand import Worker, alter
from conftest import ROOT

from vae.presets import PRESETS
from vae.runs import store
from vae.runs.timing import REFERENCE_SECONDS, expected_seconds

WITHOUT_XLA = {"conv"}
"""Its images are augmented by an operation that XLA does not have."""


def test_the_expected_times_are_those_of_the_table():
    text = (ROOT / "docs" / "benchmarks.md").read_text()
    rows = re.findall(r"^\| (\w+), (with|without) XLA \|.*\| ([\d.]+) \|$", text, re.MULTILINE)
    minutes = {(name, how): float(value) for name, how, value in rows}
    expected = {
        name: round(60 * minutes[name, "without" if name in WITHOUT_XLA else "with"])
        for name in PRESETS
    }
    assert expected == REFERENCE_SECONDS


def finish(run, host, seconds):
    """Have a run finished in so many seconds."""
    worker = Worker(run).start()
    worker.epoch(run.params.epochs)
    worker.end()
    alter(run, host=host, seconds=seconds)


def test_a_preset_takes_as_long_as_its_last_run_on_this_machine(home):
    params = PRESETS["classic"].model_copy(update={"seed": 7})
    measured = REFERENCE_SECONDS["classic"], "a measurement on two cores"
    finish(store.create(params, "elsewhere"), "another machine", 10)
    assert expected_seconds(params, "classic") == measured
    finish(store.create(params, "here"), platform.node(), 20)
    finish(store.create(params.model_copy(update={"epochs": 1}), "other"), platform.node(), 30)
    assert expected_seconds(params, "classic") == (20, "the last run of this preset here")


def test_a_larger_model_is_expected_to_take_longer(home):
    usual, _ = expected_seconds(PRESETS["classic"], "classic")
    wide = PRESETS["classic"].model_copy(update={"encoder_layers": (512, 512), "epochs": 40})
    seconds, source = expected_seconds(wide, "classic")
    assert seconds > 4 * usual and source == "estimated from a measurement on two cores"
