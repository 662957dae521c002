"""The model in the browser against the NumPy model, in a real Chromium."""

import base64

import numpy as np
import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import params_strategy

from ui.live import FOLDER, source
from ui.live.model.pack import pack
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
"""Strategies for layers of which a model is quickly sent to the browser."""

CALL = """async ([text, simd, images, probabilities, latents, labels, contrast]) => {
    const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    const floats = (text) => new Float32Array(bytes(text).buffer)
    const model = new module.Model(bytes(text), { simd })
    const [x, p] = [floats(images), floats(probabilities)]
    const coded = { simd: model.simd, labelled: model.labelled, logits: [], mu: [], logVar: [] }
    for (let i = 0; i < x.length / 784; i++) {
        const image = x.subarray(784 * i, 784 * (i + 1))
        const { mu, logVar } = model.encode(image, p.subarray(10 * i, 10 * (i + 1)))
        coded.logits.push(Array.from(model.classify(image)))
        coded.mu.push(Array.from(mu))
        coded.logVar.push(Array.from(logVar))
    }
    coded.pixels = Array.from(model.decode(floats(latents), floats(labels), contrast))
    return coded
}"""


@pytest.fixture(scope="module")
def page(browser):
    """An empty page whose global `module` has what engine.js exports."""
    page = browser.new_page()
    page.evaluate(
        """async (text) => {
            const blob = new Blob([text], { type: "text/javascript" })
            globalThis.module = await import(URL.createObjectURL(blob))
        }""",
        source("model/engine"),
    )
    yield page
    page.close()


def untrained(params, seed=0):
    """A model with random weights that let its activations neither vanish nor grow."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for name, shape in shapes(params).items():
        inputs = np.prod(shape[:-1]) if len(shape) > 1 else 25
        tensor = rng.standard_normal(shape, np.float32) * np.float32(1.4 / np.sqrt(inputs))
        tensors[name] = 0.5 + np.abs(tensor) if name.endswith("variance") else tensor
    return TrainedVAE(params, tensors)


def compute(page, model, examples, simd=True, dtype=np.float32, contrast=1.5, decoded=23):
    """What the browser and what NumPy computes."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((decoded, model.params.z_dim), np.float32)
    labels = softmax(3 * rng.standard_normal((decoded, 10), np.float32))
    logits = model.classify(examples)
    mu, log_var = model.encode(examples, softmax(logits))
    expected = {
        "logits": logits,
        "mu": mu,
        "logVar": log_var,
        "pixels": model.decode(z, labels, contrast).ravel(),
    }
    arrays = (examples, softmax(logits), z, labels)
    texts = [base64.b64encode(array.astype("<f4").tobytes()).decode() for array in arrays]
    packed = base64.b64encode(pack(model, "test", dtype)).decode()
    found = page.evaluate(CALL, [packed, simd, *texts, contrast])
    assert found.pop("simd") == simd
    assert found.pop("labelled") == model.labelled
    return {name: np.array(values) for name, values in found.items()}, expected


def assert_equal(found, expected):
    for name, values in expected.items():
        limit = 1e-5 * (1 if name == "pixels" else max(1, np.abs(values).max()))
        assert found[name].shape == values.shape
        assert np.abs(found[name] - values).max() <= limit, name


@pytest.fixture(scope="module")
def examples():
    return load_mnist().test.x[:20]


@pytest.mark.parametrize("simd", [True, False])
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_compute_the_same(page, examples, name, simd):
    assert_equal(*compute(page, load(name), examples, simd))


@pytest.mark.parametrize("simd", [True, False])
@pytest.mark.parametrize("name", ODD)
def test_odd_architectures_compute_the_same(page, examples, name, simd):
    assert_equal(*compute(page, untrained(Params(**ODD[name])), examples, simd))


@settings(max_examples=10, deadline=None)
@given(params=params_strategy(**SMALL), seed=st.integers(0, 99))
def test_any_architecture_computes_the_same(page, examples, params, seed):
    assert_equal(*compute(page, untrained(params, seed), examples[:2], decoded=11))


def test_nothing_is_left_from_earlier_batches(page, examples):
    """The memory of a model is used again: fewer images after more must not see them."""
    model = load("conv")
    first, _ = compute(page, model, examples[:1], decoded=1)
    assert_equal(first, compute(page, model, examples[:1], decoded=1)[1])
    nothing, _ = compute(page, model, examples[:0], decoded=0)
    assert nothing["pixels"].size == 0


@pytest.mark.parametrize("name", SHIPPED)
def test_half_precision_does_not_show(page, examples, name):
    model = load(name)
    contrast = model.metrics["contrast"]
    found, expected = compute(page, model, examples, dtype=np.float16, contrast=contrast)
    assert np.abs(found["pixels"] - expected["pixels"]).max() <= 1 / 255
    assert (found["logits"].argmax(1) == expected["logits"].argmax(1)).all()


def test_every_half_is_read_as_numpy_reads_it(page):
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    finite = halves[np.isfinite(halves)]
    from safetensors.numpy import save

    text = base64.b64encode(save({"x": finite})).decode()
    found = page.evaluate(
        """(text) => {
            const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
            return Array.from(module.readSafetensors(bytes).tensors.x.values)
        }""",
        text,
    )
    np.testing.assert_array_equal(np.array(found, np.float32), finite.astype(np.float32))


def test_weights_that_half_precision_cannot_hold_travel_in_full(page, examples):
    model = load("classic")
    tensors = dict(model.tensors)
    bias = tensors["decoder.0.bias"].copy()
    bias[0] = 70_000
    model = TrainedVAE(model.params, tensors | {"decoder.0.bias": bias})
    found, expected = compute(page, model, examples, dtype=np.float16)
    assert np.abs(found["pixels"] - expected["pixels"]).max() <= 0.01


def embedded():
    """The assembled kernel in product.js."""
    text = (FOLDER / "model" / "product.js").read_text()
    parts = text.partition("const ASSEMBLED =")[2].partition("\n\n")[0]
    return base64.b64decode("".join(parts.split('"')[1::2]))


def product(code, x, kernel, bias, low):
    """x (rows, runs, length), kernel (runs · length, columns) by an assembled product.wat."""
    store = wasmtime.Store()
    exports = wasmtime.Instance(store, wasmtime.Module(store.engine, code), []).exports(store)
    memory = exports["memory"]
    memory.grow(store, 16)
    used = 16

    def put(array):
        nonlocal used
        address = used
        memory.write(store, array.tobytes(), address)
        used = address + -(-array.nbytes // 16) * 16
        return address

    rows, runs, length = x.shape
    gap = np.full((rows, runs, 3), np.nan, np.float32)
    spaced = np.concatenate([x, gap], axis=2)
    numbers = put(spaced) + np.arange(rows, dtype=np.int32) * spaced[0].nbytes
    panels = kernel.shape[1] // 8
    results = put(np.zeros((rows, 8 * panels), np.float32))
    addresses = results + np.arange(rows, dtype=np.int32) * 32 * panels
    panelled = np.ascontiguousarray(kernel.reshape(-1, panels, 8).transpose(1, 0, 2))
    exports["product"](
        *(store, rows, put(numbers), put(addresses), runs, 4 * length, 4 * (length + 3)),
        *(put(panelled), panels, put(bias), low),
    )
    content = memory.read(store, results, results + 4 * rows * 8 * panels)
    return np.frombuffer(content, np.float32).reshape(rows, -1)


@given(
    rows=st.integers(1, 4).map(lambda tiles: 4 * tiles),
    runs=st.integers(1, 4),
    length=st.integers(1, 9),
    panels=st.integers(1, 3),
    low=st.sampled_from([0.0, -np.inf]),
    seed=st.integers(0, 999),
)
@settings(deadline=None)
def test_the_assembled_kernel_computes_what_its_source_says(rows, runs, length, panels, low, seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, runs, length), np.float32)
    kernel = rng.standard_normal((runs * length, 8 * panels), np.float32)
    bias = rng.standard_normal(8 * panels, np.float32)
    expected = np.maximum(x.reshape(rows, -1) @ kernel + bias, low)
    assembled = wasmtime.wat2wasm((FOLDER / "model" / "product.wat").read_text())
    for code in (embedded(), assembled):
        np.testing.assert_allclose(product(code, x, kernel, bias, low), expected, atol=1e-5)


def test_an_imported_file_is_taken_once():
    for file in FOLDER.rglob("*.js"):
        text = source(str(file.relative_to(FOLDER).with_suffix("")))
        assert "import {" not in text
        assert text.count("const hub = ") <= 1
