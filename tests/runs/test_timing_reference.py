"""The time that a preset is expected to take is the one in the docs."""

import re

from conftest import ROOT

from vae.presets import PRESETS
from vae.runs.timing import REFERENCE_SECONDS

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
