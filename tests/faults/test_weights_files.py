"""An uploaded weights file is refused in a sentence, or its model gives finite images."""

import json
import os
import struct
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import move_to
from hypothesis import given, settings
from hypothesis import strategies as st

from vae import Params, TrainedVAE, WeightsError, save
from vae.files.metadata import METRICS
from vae.files.registry import uploaded
from vae.model.architecture import shapes
from vae.model.numpy_model import DigitGaussians

JSON = ["params", "metrics", "history", "knob_names"]
"""The entries of a file's metadata that are JSON."""

NUMBERS = ["9" * 400, "9" * 5000, "1e999", "-1e999", "NaN", "-0", "1e-400", "0", "0.5", "-3"]
DEEP = ["[" * 3000, '{"a":' * 3000, "[" * 100_000]
OTHERS = ['"\\ud800"', '"\\u0000"', '""', '"' + "x" * 10_000 + '"', "null", "true", "{}", "[[]]"]
DTYPES = ["F4", "F8_E8M0", "F8_E4M3", "BF16", "F16", "F64", "I8", "BOOL", "C64", "", "Ü", 3, None]
SHAPES = [[], [0], [-1], [2**63], [2**32, 2**32], [1e300], "x", [3, 0, 3], [1] * 200]
OFFSETS = [[0, 0], [0, 2**63], [-4, 8], [8, 4], [0, 10**10], [0], "x", [0.5, 4]]
EPOCH = {"epoch": 1, "loss": 2.5, "val_loss": 2.75}
WILD = [np.nan, np.inf, -np.inf, 1e38, 1e6, 1.1e6, 1e-45, -1.0]


def contents(filters):
    """A file with everything that a file can contain."""
    layers = {"encoder_layers": [8], "decoder_layers": [9], "digit_classification_layers": [7]}
    params = Params(**layers, digit_classification_filters=filters, z_dim=3)
    tensors = {name: np.full(shape, 0.5, np.float32) for name, shape in shapes(params).items()}
    root = np.tile(np.eye(3, dtype=np.float32), (10, 1, 1))
    model = TrainedVAE(params, tensors, {"accuracy": 0.5}, [EPOCH])
    gaussians = DigitGaussians(np.full((10, 3), 0.5, np.float32), root)
    model = replace(model, digit_gaussians=gaussians, knob_names={0: "slant"})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.safetensors")
        save(path, model)
        return path.read_bytes()


FILES = [contents([]), contents([2])]


def packed(header, body):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


@st.composite
def damaged_bytes(draw):
    """A file with changed bytes, a cut, other bytes behind it, or another length of the header."""
    whole = bytearray(draw(st.sampled_from(FILES)))
    for at in draw(st.lists(st.integers(0, len(whole) - 1) | st.integers(0, 1500), max_size=30)):
        whole[at] = draw(st.integers(0, 255))
    cut = draw(st.sampled_from([len(whole)] * 3) | st.integers(0, len(whole)))
    length = draw(st.sampled_from([whole[:8]] * 3 + [struct.pack("<Q", 2**i) for i in (0, 31, 63)]))
    return bytes(length + whole[8:cut] + draw(st.binary(max_size=100)) * (cut < len(whole)))


@st.composite
def forged_headers(draw):
    """A file with another type, shape, place or number of a tensor, or other metadata."""
    whole = draw(st.sampled_from(FILES))
    size = struct.unpack("<Q", whole[:8])[0]
    header, body = json.loads(whole[8 : 8 + size]), whole[8 + size :]
    metadata = header["__metadata__"]
    tensor = header[draw(st.sampled_from([name for name in header if name != "__metadata__"]))]
    match draw(st.sampled_from(["tensor", "numbers", "text", "field", "entry"])):
        case "tensor":
            key = draw(st.sampled_from(["dtype", "shape", "data_offsets"]))
            values = {"dtype": DTYPES, "shape": SHAPES, "data_offsets": OFFSETS}[key]
            tensor[key] = draw(st.sampled_from(values))
        case "numbers":
            start, end = tensor["data_offsets"]
            numbers = np.frombuffer(body[start:end], np.float32).copy()
            numbers[:: draw(st.integers(1, 100))] = draw(st.sampled_from(WILD))
            body = body[:start] + numbers.tobytes() + body[end:]
        case "text":  # Anywhere in the JSON.
            name = draw(st.sampled_from(JSON))
            text, value = metadata[name], draw(st.sampled_from([*NUMBERS, *DEEP, *OTHERS]))
            at, cut = draw(st.integers(0, len(text))), draw(st.sampled_from([0, 1, 5]))
            metadata[name] = text[:at] + value + text[at + cut :]
        case "field":  # A known name with a value of another kind.
            fields = [*Params.model_fields, *METRICS, "quality", "0", "3", "__class__"]
            field, value = draw(st.sampled_from(fields)), draw(st.sampled_from(NUMBERS + OTHERS))
            metadata[draw(st.sampled_from(JSON))] = f'{{"{field}": {value}}}'
        case "entry":
            field = draw(st.sampled_from([*metadata, "run", "other"]))
            values = ["", "x" * 100_000, "\ud800", "\0", "{}", "[]", "2", None]
            metadata[field] = draw(st.sampled_from(values))
    return packed(header, body)


@pytest.fixture(scope="module", autouse=True)
def empty_home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        move_to(tmp_path_factory.mktemp("home"), patch)
        yield


@given(damaged_bytes() | forged_headers())
@settings(max_examples=400, deadline=None)
def test_a_file_is_refused_in_a_sentence_or_its_model_gives_finite_images(content):
    try:
        model = uploaded(content, "mutated")
    except WeightsError as error:
        assert str(error).isprintable() and len(str(error)) < 1000
        assert tempfile.gettempdir() + os.sep not in str(error), "a path of the server"
    else:
        z = np.random.default_rng(0).standard_normal((10, model.params.z_dim), np.float32)
        assert np.isfinite(model.decode(z, np.eye(10, dtype=np.float32))).all()


@pytest.mark.parametrize("content", FILES, ids=["dense", "convolutional"])
def test_the_file_that_is_damaged_above_is_a_good_one(content):
    assert uploaded(content, "whole").knob_names == {0: "slant"}
