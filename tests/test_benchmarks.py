"""The tables of docs/benchmarks.md, which are written by their commands."""

from importlib.util import find_spec

import pytest

from benchmarks.__main__ import SPEED
from benchmarks.document import (
    DOCUMENT,
    BenchmarkError,
    blocks,
    duration,
    module,
    part,
    replaced,
    update,
)

COMMAND, OTHER = "python -m platform", "python -m this"
TEXT = f"""# Title

<!-- measured: {OTHER} -->
the other table
<!-- end -->

Words.

<!-- measured: {COMMAND} -->
the old table
<!-- end -->

The last words.
"""


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "benchmarks.md"
    path.write_text(TEXT)
    return path


def test_what_a_command_prints_takes_the_place_of_its_block_alone(document):
    update(document, COMMAND, ["numpy", "no-such-package"])
    text = document.read_text()
    block = blocks(text)[COMMAND]
    assert f"\n    {COMMAND}\n" in block and "Linux-" in block
    assert "NumPy " in block and "no-such-package" not in block and duration(block)
    assert replaced(text, COMMAND, "the old table\n") == TEXT


@pytest.mark.parametrize("command", ["python -m no_such_module", "python -m keyword"])
def test_a_command_that_fails_or_prints_nothing_leaves_the_file(document, command):
    text = TEXT.replace(COMMAND, command)
    document.write_text(text)
    with pytest.raises(BenchmarkError, match=command):
        update(document, command, [])
    assert document.read_text() == text
    assert list(document.parent.iterdir()) == [document]


def test_a_block_that_is_gone_is_an_error(document):
    with pytest.raises(BenchmarkError, match="no block"):
        replaced(TEXT, "python -m benchmarks.other", "")


def test_each_block_of_the_document_names_a_benchmark():
    text = DOCUMENT.read_text(encoding="utf-8")
    found = blocks(text)
    assert text.count("<!-- measured:") == text.count("<!-- end -->") == len(found)
    for command, block in found.items():
        assert command.startswith("python -m benchmarks.") and find_spec(module(command)), command
        assert f"\n    {command}\n" in block
        assert replaced(text, command, block) == text
    assert set(SPEED) <= set(map(part, found))
