"""What is stored of how both readings of a digit do: found by the weights, never in the way."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae import load
from vae.analysis import readings
from vae.data.mnist import TEST_SIZE

DIGITS = st.integers(0, 9)


@pytest.mark.parametrize("name", ["classic", "fast", "conv", "plane"])
def test_the_included_models_are_measured(name):
    model = load(name)
    found = readings.measured(model)
    assert found.images == TEST_SIZE
    assert found.classifier == pytest.approx(model.metrics["accuracy"], abs=2e-4)
    assert found.classifier_right + found.decoder_right <= found.differ
    assert all(type(index) is int for index in found.where)


ROWS = [{"images": 1}, {}, None, 7, {"images": 1, "where": [0]}, {"where": ["x"]}, {"where": 3}]


def test_damaged_rows_and_files_are_as_if_nothing_was_measured(classic, tmp_path, monkeypatch):
    file = tmp_path / "readings.json"
    monkeypatch.setattr(readings, "FILE", file)
    rows = [json.dumps({classic.digest()[:16]: row}).encode() for row in ROWS]
    for content in [*rows, b"", b"{", b"[]", b"7", b"null", b"\xff\xfe"]:
        file.write_bytes(content)
        assert readings.measured(classic) is None
    file.unlink()
    file.mkdir()
    assert readings.measured(classic) is None


def test_what_is_written_is_found_again(classic, tmp_path, monkeypatch):
    monkeypatch.setattr(readings, "FILE", tmp_path / "readings.json")
    assert readings.measured(classic) is None
    found = readings.Readings(500, 0.5, 0.25, 3, 1, 2, (4, 8))
    readings.write(classic, found)
    assert readings.measured(classic) == found


@given(st.lists(st.tuples(DIGITS, DIGITS, DIGITS), min_size=1, max_size=50))
def test_the_counts_are_those_of_counting(rows):
    classifier, decoder, labels = np.array(rows).T
    found = readings.compare(np.stack([classifier, decoder]), labels)
    assert found.images == len(rows)
    assert found.classifier == pytest.approx(sum(c == y for c, _, y in rows) / len(rows))
    assert found.decoder == pytest.approx(sum(d == y for _, d, y in rows) / len(rows))
    assert found.where == tuple(i for i, (c, d, _) in enumerate(rows) if c != d)
    assert found.differ == len(found.where)
    assert found.classifier_right == sum(c == y != d for c, d, y in rows)
    assert found.decoder_right == sum(d == y != c for c, d, y in rows)
