"""The colours of digits on maps: contrast, and whether colour-blind people can tell them apart."""

import re
from itertools import combinations

import numpy as np
import pytest

from ui.components import FOLDER

BACKGROUNDS = {"ON_LIGHT": "#ffffff", "ON_DARK": "#101217"}
"""As in .streamlit/config.toml."""

LEAST_CONTRAST = 3
"""WCAG 2.1, 1.4.11: for graphical objects."""

LEAST_DISTANCE = {"ON_LIGHT": 0.095, "ON_DARK": 0.06}
"""In Oklab. For comparison: of matplotlib's ten colours, "tab10", the nearest two have 0.01 as
seen with protanopia.
"""

SEEN_WITH = {
    "full vision": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""Of linear RGB, severity 1: Machado, Oliveira & Fernandes 2009, table 1."""

TO_LMS = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]
"""Oklab: Ottosson 2020."""


def linear(color):
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    low, high = sorted(linear(color) @ [0.2126, 0.7152, 0.0722] for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def seen(color, vision):
    rgb = np.clip(np.asarray(SEEN_WITH[vision]) @ linear(color), 0, 1)
    return np.asarray(TO_LAB) @ np.cbrt(np.asarray(TO_LMS) @ rgb)


def palette(name):
    text = (FOLDER / "components" / "colors.js").read_text()
    block = re.search(rf"{name} = \[(.*?)\]", text, re.DOTALL)[1]
    return re.findall(r"#[0-9a-f]{6}", block)


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_digits_can_be_told_apart(name):
    colors = palette(name)
    assert len(set(colors)) == 10
    for color in colors:
        assert contrast(color, BACKGROUNDS[name]) >= LEAST_CONTRAST - 0.005, color
    for vision in SEEN_WITH:
        for one, other in combinations(colors, 2):
            distance = np.linalg.norm(seen(one, vision) - seen(other, vision))
            assert distance >= LEAST_DISTANCE[name], (vision, one, other)
