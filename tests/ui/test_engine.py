"""The model in JavaScript against the NumPy model."""

import base64

import node
import numpy as np
import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save
from strategies import params_strategy

from ui.engine.pack import pack
from vae import load, load_mnist
from vae.model.architecture import shapes
from vae.model.numpy_model import TrainedVAE, softmax
from vae.params import Params

SHIPPED = ("classic", "fast", "conv", "plane", "unlabelled")
ODD = {
    "every part convolutional": {
        "encoder_filters": (3, 5, 7),
        "decoder_filters": (6, 3, 1),
        "digit_classification_filters": (3, 5, 9),
        "encoder_layers": (33, 17),
        "activation": "tanh",
        "z_dim": 2,
        "encoder_sees_label": True,
    },
    "one of everything": {
        "encoder_filters": (1,),
        "decoder_filters": (3,),
        "digit_classification_filters": (1,),
        "encoder_layers": (1,),
        "decoder_layers": (1,),
        "digit_classification_layers": (1,),
        "activation": "silu",
        "z_dim": 1,
    },
    "dense, many z": {
        "encoder_layers": (1, 2, 3),
        "activation": "gelu",
        "z_dim": 32,
        "encoder_sees_label": True,
    },
    "odd channels": {
        "encoder_filters": (16, 5),
        "decoder_filters": (9, 12),
        "digit_classification_filters": (4, 4),
        "z_dim": 7,
        "encoder_sees_label": True,
    },
    "three transposed": {
        "encoder_filters": (5, 7, 8),
        "decoder_filters": (7, 8, 16),
        "digit_classification_filters": (7,),
        "activation": "relu",
        "z_dim": 9,
    },
    "no labels, transposed": {
        "decoder_filters": (5, 4),
        "z_dim": 2,
        "decoder_sees": "nothing",
    },
    "no labels for the decoder alone": {
        "activation": "gelu",
        "z_dim": 3,
        "decoder_sees": "nothing",
        "encoder_sees_label": True,
    },
}
SMALL = {
    f"{part}_{kind}": st.lists(st.integers(1, 40 if few else 12), min_size=few, max_size=3)
    for part in ("encoder", "decoder", "digit_classification")
    for kind, few in (("layers", 1), ("filters", 0))
}
"""Strategies for layers of which a model is quickly sent to Node."""

COMPUTE = """
    const model = new module.Model(weights)
    const images = x.length / 784
    const image = (i) => x.subarray(784 * i, 784 * (i + 1))
    const codes = Array.from({ length: images }, (_, i) =>
        model.encode(image(i), prob.subarray(10 * i, 10 * (i + 1))))
    return {
        logits: Array.from({ length: images }, (_, i) => model.classify(image(i))),
        mu: codes.map((code) => code.mu),
        log_var: codes.map((code) => code.logVar),
        pixels: model.decode(z, labels, contrast),
        one: model.decode(z.subarray(0, model.zDim), labels.subarray(0, 10), contrast),
        none: model.decode(z.subarray(0, 0), labels.subarray(0, 0)),
        labelled: model.labelled,
    }
"""


def untrained(params, seed=0):
    """A model with random weights that let its activations neither vanish nor grow."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for name, shape in shapes(params).items():
        inputs = np.prod(shape[:-1]) if len(shape) > 1 else 25
        tensor = rng.standard_normal(shape, np.float32) * np.float32(1.4 / np.sqrt(inputs))
        tensors[name] = 0.5 + np.abs(tensor) if name.endswith("variance") else tensor
    return TrainedVAE(params, tensors)


def compute(model, x, dtype=np.float32, contrast=1.5, decoded=23):
    """What JavaScript and what NumPy computes; `one` and `none` use the memory of `pixels` again.

    More images are decoded than there are in a batch.
    """
    rng = np.random.default_rng(0)
    z = rng.standard_normal((decoded, model.params.z_dim), np.float32)
    labels = softmax(3 * rng.standard_normal((decoded, 10), np.float32))
    logits = model.classify(x)
    mu, log_var = model.encode(x, softmax(logits))
    pixels = model.decode(z, labels, contrast)
    expected = {
        "logits": logits,
        "mu": mu,
        "log_var": log_var,
        "pixels": pixels.ravel(),
        "one": pixels[0].ravel(),
        "none": np.empty(0),
    }
    arrays = {"x": x, "prob": softmax(logits), "z": z, "labels": labels}
    weights = pack(model, "test", dtype)
    file = "engine/engine.js"
    found = node.run(file, COMPUTE, weights=weights, contrast=contrast, **arrays)
    assert found.pop("labelled") == model.labelled
    return {name: np.array(values) for name, values in found.items()}, expected


def assert_equal(found, expected):
    for name, values in expected.items():
        limit = 1e-5 * (max(1, np.abs(values).max()) if name in ("logits", "mu", "log_var") else 1)
        np.testing.assert_allclose(found[name], values, rtol=0, atol=limit, err_msg=name)


@pytest.fixture(scope="module")
def examples():
    return load_mnist().test.x[:20]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_compute_the_same(examples, name):
    assert_equal(*compute(load(name), examples))


@pytest.mark.parametrize("name", ODD)
def test_odd_architectures_compute_the_same(examples, name):
    assert_equal(*compute(untrained(Params(**ODD[name])), examples))


@settings(max_examples=10, deadline=None)
@given(params=params_strategy(**SMALL), seed=st.integers(0, 99))
def test_any_architecture_computes_the_same(examples, params, seed):
    assert_equal(*compute(untrained(params, seed), examples[:2], decoded=11))


@pytest.mark.parametrize("name", SHIPPED)
def test_half_precision_does_not_show(examples, name):
    model = load(name)
    found, expected = compute(model, examples, np.float16, model.metrics["contrast"])
    assert np.abs(found["pixels"] - expected["pixels"]).max() <= 1 / 255
    assert (found["logits"].argmax(1) == expected["logits"].argmax(1)).all()


def test_every_half_is_read_as_numpy_reads_it():
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    finite = halves[np.isfinite(halves)]
    body = "return module.readSafetensors(file).tensors.x"
    found = node.run("engine/safetensors.js", body, file=save({"x": finite}))
    np.testing.assert_array_equal(np.array(found, np.float32), finite.astype(np.float32))


def test_weights_that_half_precision_cannot_hold_travel_in_full(examples):
    model = load("classic")
    tensors = dict(model.tensors)
    tensors["decoder.0.bias"] = tensors["decoder.0.bias"].copy()
    tensors["decoder.0.bias"][0] = 70_000
    found, expected = compute(TrainedVAE(model.params, tensors), examples, np.float16)
    assert np.abs(found["pixels"] - expected["pixels"]).max() <= 0.01


def test_the_assembled_product_is_its_source():
    parts = (node.UI / "engine/product.js").read_text().partition("const ASSEMBLED =")[2]
    lines = parts.partition("\n\n")[0].split('"')[1::2]
    source = (node.UI / "engine/product.wat").read_text()
    assert base64.b64decode("".join(lines)) == wasmtime.wat2wasm(source)
