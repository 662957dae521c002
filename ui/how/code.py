"""The code that a step shows, read from the project's own source."""

import ast
import textwrap
from functools import cache
from typing import NamedTuple

from vae import settings

_Definition = ast.FunctionDef | ast.ClassDef


class Code(NamedTuple):
    """The source of a function, method or class.

    Attributes:
        text: without its docstring, not indented.
        file: below the project's folder.
        line: of the file in which it begins.
    """

    text: str
    file: str
    line: int


@cache
def read(place: str) -> Code:
    """The code of a place such as "vae/model/numpy_model.py:TrainedVAE.encode".

    The file is parsed and not imported, since it may need TensorFlow.

    Raises:
        LookupError: there is nothing of that name in the file, or no such file.
    """
    file, _, name = place.partition(":")
    try:
        source = (settings.ROOT / file).read_text(encoding="utf-8")
    except OSError as error:
        raise LookupError(f"{place}: {error.strerror}") from error
    found = _find(ast.parse(source), name, place)
    first = min([found.lineno, *(decorator.lineno for decorator in found.decorator_list)])
    cut: range = range(0)
    if ast.get_docstring(found) and len(found.body) > 1:
        docstring = found.body[0]
        cut = range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1)
    lines = source.splitlines()
    last = found.end_lineno or found.lineno
    kept = [lines[number - 1] for number in range(first, last + 1) if number not in cut]
    return Code(textwrap.dedent("\n".join(kept)), file, first)


def _find(tree: ast.Module, name: str, place: str) -> _Definition:
    found: ast.Module | _Definition = tree
    for part in name.split("."):
        for node in found.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == part:
                found = node
                break
        else:
            raise LookupError(f"{place}: there is no {part}.")
    if isinstance(found, ast.Module):
        raise LookupError(f"{place}: no name is given.")
    return found
