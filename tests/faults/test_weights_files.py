"""An uploaded weights file is refused in a sentence, or its model gives finite images."""

import json
import os
import re
import struct
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy as safetensors
from conftest import move_to
from hypothesis import given, settings
from hypothesis import strategies as st

from vae import Params, TrainedVAE, WeightsError, save
from vae.files.metadata import METRICS
from vae.files.uploads import uploaded
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
@settings(max_examples=200, deadline=None)
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


def changed(metadata=None, **tensors):
    """The dense file with other entries of its metadata and other tensors; None leaves one out."""
    size = struct.unpack("<Q", FILES[0][:8])[0]
    entries = json.loads(FILES[0][8 : 8 + size])["__metadata__"] | (metadata or {})
    kept = {n: t for n, t in (safetensors.load(FILES[0]) | tensors).items() if t is not None}
    return safetensors.save(kept, entries)


def forged(**tables):
    """It with these tables in its metadata; a string is written as it is."""
    return changed({k: v if isinstance(v, str) else json.dumps(v) for k, v in tables.items()})


MEAN, ROOT = "digit_gaussian.mean", "digit_gaussian.root"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        *[
            (FILES[0][:end], "is damaged or is no safetensors file")
            for end in (0, 7, 8, 9, 100, len(FILES[0]) - 1)
        ],
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "is no safetensors file"),
        (safetensors.save({"a": np.zeros(3)}), "does not hold a model of this program"),
        (changed({"format": "other"}), "does not hold a model of this program"),
        (changed({"version": "2"}), "has format version '2'; this program reads '1'"),
        (forged(params="{"), "Parameters must be JSON"),
        (forged(params={"z_dim": 99}), "z_dim must be"),
        (forged(params='{"\\ud800": 1}'), "is not a parameter"),
        (
            forged(params=Params(z_dim=3).to_json()),
            "encoder.0.kernel is float32 (784, 8), not float32 (784, 128)",
        ),
        (
            forged(params=Params(z_dim=3, decoder_layers=[512], decoder_filters=[128]).to_json()),
            "these layers and filters make 51",
        ),
        (forged(metrics="nonsense"), "metadata is incomplete"),
        (forged(metrics="[" * 50_000), "metadata is incomplete"),
        (forged(metrics=[1]), "its metrics are not a table"),
        (forged(metrics={"accuracy": True}), "accuracy in its metrics is not a number between"),
        (forged(metrics={"accuracy": 1.01}), "not a number between 0 and 1"),
        (forged(metrics='{"temperature": NaN}'), "temperature in its metrics is not a number"),
        (forged(metrics='{"loss": 1' + "0" * 400 + "}"), "loss in its metrics is not a number"),
        (forged(metrics={"active_units": 2.5}), "active_units in its metrics is not a whole"),
        (forged(metrics={"confusion": [[1]]}), "confusion matrix is not 10 × 10 counts"),
        (forged(metrics={"confusion": [[1] * 10] * 9 + [[1] * 9 + [-1]]}), "confusion"),
        (forged(metrics={"confusion": [[1] * 10] * 9 + [[1] * 9 + [10**30]]}), "confusion"),
        (forged(metrics={"quality": {}}), "its quality has no accuracy"),
        (forged(metrics={"quality": 3}), "its quality is not a table"),
        (forged(knob_names="{"), "metadata is incomplete"),
        (forged(knob_names=["slant"]), "its knob_names are not a table"),
        (forged(knob_names={"3": "a"}), "its knob_names have '3', which is no dimension of z"),
        (forged(knob_names={"01": "slant"}), "its knob_names have '01'"),
        (forged(knob_names={"1": "![](//a.bc/d)"}), "A knob's name is 1 to 20 letters"),
        (forged(knob_names={"1": "a", "2": "a"}), "two of its knob_names are the same"),
        (forged(history={}), "its history is not a list of at most 1000 epochs"),
        (forged(history=[EPOCH] * 1001), "its history is not a list of at most 1000 epochs"),
        (forged(history=[3]), "its history is not a table"),
        (forged(history=[{"epoch": 1}]), "has an epoch without loss"),
        (forged(history=[EPOCH | {"epoch": 1.5}]), "epoch in its history is not a whole number"),
        (changed(**{"mu.bias": None}), "'mu.bias' is missing"),
        (changed(extra=np.zeros(1, np.float32)), "'extra' is unknown"),
        (changed(**{"mu.bias": np.zeros(3)}), "mu.bias is float64 (3,), not float32 (3,)"),
        (
            changed(**{"mu.bias": np.array([1, np.nan, 2], np.float32)}),
            "mu.bias holds numbers that are not between -1e+06 and 1e+06",
        ),
        (changed(**{MEAN: None}), "'digit_gaussian.mean' is missing"),
        (changed(**{ROOT: None}), "'digit_gaussian.root' is missing"),
        (
            changed(**{ROOT: np.zeros((10, 3), np.float32)}),
            "root is float32 (10, 3), not float32 (10, 3, 3)",
        ),
        (
            changed(**{ROOT: np.full((10, 3, 3), -np.inf, np.float32)}),
            "root holds numbers that are not between",
        ),
        (changed(**{f"{MEAN}s": np.zeros(1, np.float32)}), "'digit_gaussian.means' is unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_a_file_is_named(content, sentence):
    with pytest.raises(WeightsError, match=re.escape(sentence)):
        uploaded(content, "forged")
