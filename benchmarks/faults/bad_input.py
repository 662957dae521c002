"""Values and files that should not be where they are."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np

Rng = np.random.Generator

NUMBERS: tuple[float, ...] = (
    *(0, 1, -1, 7, 1000, 2**31, 2**63, -(2**63), 10**400, 0.5, -0.5, 1e-320, 1e308, -1e308),
    *(math.nan, math.inf, -math.inf),
)

VALUES: tuple[Any, ...] = (
    *NUMBERS,
    *(
        None,
        True,
        False,
        "",
        " ",
        "0",
        "x",
        "nan",
        "../..",
        "/etc/passwd",
        "a\0b",
        "\u202eabc",
        "é" * 300,
        "9" * 5000,
    ),
    *("\ud800", "<script>alert(1)</script>", "[x](javascript:alert(1))", "$\\frac{1}{0}$"),
    *([], [None], [[]], [[1]], [math.nan] * 10, list(range(2000)), {}, {"": ""}, {"a": {"b": []}}),
)
"""Of JSON, and what Python's parser takes for it."""

TEXTS: tuple[str, ...] = (
    *("", " ", "0", "1", "-1", "1.5", "1e400", "nan", "inf", "1_0", "٣", "9" * 5000, "x" * 100_000),
    *("None", "true", "[]", "{}", "a,b", "0,1,2,3,4,5,6,7,8,9", "../../etc/passwd", "a/../../b"),
    *("\x01", "\n", "\ufeff", "\u202eabc", "😀" * 50, "%00", "'", '"', "<b>", "$x$", "[a](b)"),
    *("<script>alert(1)</script>", "javascript:alert(1)", "=1+1", "{{7*7}}", "test-", "test-0"),
    *("test--1", "test-99999999999", "1AAAA", "1" + "A" * 2000, "2" + "A" * 20, "z0", "z31", "z99"),
)
"""For an address or a text box."""

DEEP = "[" * 100_000, '{"a":' * 100_000, "[" * 500 + "]" * 500


def damaged(content: bytes, rng: Rng) -> bytes:
    """The content with some of its bytes changed, lost, doubled or put elsewhere."""
    data = bytearray(content)
    for _ in range(int(rng.integers(1, 5))):
        if not data:
            break
        at, other = sorted(rng.integers(0, len(data), 2))
        match rng.integers(6):
            case 0:
                data[at] ^= 1 << int(rng.integers(8))
            case 1:
                data[at] = int(rng.integers(256))
            case 2:
                del data[at:]
            case 3:
                del data[at : at + int(rng.integers(1, 20))]
            case 4:
                data[at:at] = data[at : at + int(rng.integers(1, 50))]
            case 5:
                data[at:other] = rng.bytes(min(50, other - at))
    return bytes(data)


def changed(value: Any, rng: Rng) -> Any:
    """A value of JSON in which one part, chosen at random, is another one or is missing."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = list(value)[int(rng.integers(len(value)))]
        match rng.integers(8):
            case 0:
                return {k: v for k, v in value.items() if k != name}
            case 1:
                return value | {str(rng.choice(["", "x", "\ud800", "a" * 300])): any_value(rng)}
            case _:
                return value | {name: changed(value[name], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = int(rng.integers(len(value)))
        match rng.integers(4):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return value + [value[at]] * int(rng.integers(1, 2000))
            case _:
                return [*value[:at], changed(value[at], rng), *value[at + 1 :]]
    if type(value) in (int, float) and rng.random() < 0.6:
        return NUMBERS[int(rng.integers(len(NUMBERS)))]
    return any_value(rng)


def any_value(rng: Rng) -> Any:
    """One of `VALUES`."""
    return VALUES[int(rng.integers(len(VALUES)))]


def changed_text(text: str, rng: Rng) -> str:
    """A text of JSON with another value in it, in the place of all of it, or nested too deep."""
    match rng.integers(12):
        case 0:
            return DEEP[int(rng.integers(len(DEEP)))]
        case 1:
            return damaged(text.encode(), rng).decode(errors="surrogateescape")
    value = json.loads(text)
    for _ in range(int(rng.integers(1, 4))):
        value = changed(value, rng)
    return json.dumps(value)


Damage = Callable[[bytes, Rng], bytes]
