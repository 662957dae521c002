import json
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from safetensors.numpy import save as to_safetensors

from vae import Params, TrainedVAE, WeightsError, load, save, settings
from vae.model import weights
from vae.model.architecture import shapes
from vae.model.weights import MOST_BYTES, available, receive


@pytest.fixture
def model():
    params = Params(
        encoder_layers=[8], decoder_layers=[9], digit_classification_layers=[7], z_dim=3
    )
    rng = np.random.default_rng(0)
    tensors = {n: rng.standard_normal(s).astype(np.float32) for n, s in shapes(params).items()}
    return TrainedVAE(
        params, tensors, {"accuracy": 0.5}, [{"epoch": 1, "loss": 2.5, "val_loss": 2.75}]
    )


@pytest.fixture
def file(model, tmp_path):
    path = tmp_path / "model.safetensors"
    save(path, model)
    return path


def _rewrite(path, metadata=None, **tensors):
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as opened:
        old = opened.metadata()
    changed = {k: v for k, v in (load_file(path) | tensors).items() if v is not None}
    save_file(changed, path, metadata=old | (metadata or {}))


def test_both_ways(file, model):
    again = load(file)
    assert again.params == model.params
    assert (again.metrics, again.history) == (model.metrics, model.history)
    assert again.tensors.keys() == model.tensors.keys()
    for name, array in model.tensors.items():
        assert np.array_equal(again.tensors[name], array)


def test_a_loaded_model_does_not_change(file):
    with pytest.raises(ValueError, match="read-only"):
        load(file).tensors["mu.bias"][0] = 1


def test_a_truncated_file_is_refused_wherever_it_ends(file):
    whole = file.read_bytes()
    for end in [0, 1, 7, 8, 9, 100, len(whole) // 2, len(whole) - 1]:
        file.write_bytes(whole[:end])
        with pytest.raises(WeightsError, match="is damaged or is no safetensors file"):
            load(file)


def test_no_flipped_byte_goes_further_than_a_sentence(file):
    whole = bytearray(file.read_bytes())
    rng = np.random.default_rng(0)
    refused = 0
    header = 8 + int.from_bytes(whole[:8], "little")
    for at in rng.integers(0, header, 300):
        broken = whole.copy()
        broken[at] ^= 0xFF
        file.write_bytes(broken)
        try:
            load(file)
        except WeightsError:
            refused += 1
    assert refused > 150


def test_foreign_files(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file({"a": np.zeros(3, np.float32)}, path)
    with pytest.raises(WeightsError, match="does not hold a model of this program"):
        load(path)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))
    with pytest.raises(WeightsError, match="is no safetensors file"):
        load(path)


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"version": "2"}, "format version 2; this program reads 1"),
        ({"format": "other"}, "does not hold a model of this program"),
        ({"params": "{"}, "Parameters must be JSON"),
        ({"params": json.dumps({"z_dim": 99})}, "z_dim must be"),
        ({"metrics": "nonsense"}, "metadata is incomplete"),
        ({"metrics": "[1]"}, "metadata is incomplete"),
        ({"history": "{}"}, "metadata is incomplete"),
        (
            {"params": Params().to_json()},
            "encoder.0.kernel is float32 (784, 8), not float32 (784, 128)",
        ),
    ],
)
def test_metadata_that_does_not_fit(file, metadata, sentence):
    _rewrite(file, metadata)
    with pytest.raises(WeightsError) as error:
        load(file)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("tensors", "sentence"),
    [
        ({"mu.bias": None}, "mu.bias is missing"),
        ({"extra": np.zeros(1, np.float32)}, "extra is one too many"),
        ({"mu.bias": np.zeros(3, np.float64)}, "mu.bias is float64 (3,), not float32 (3,)"),
        ({"mu.bias": np.array([1, np.nan, 2], np.float32)}, "not finite"),
    ],
)
def test_arrays_that_do_not_fit(file, tensors, sentence):
    _rewrite(file, **tensors)
    with pytest.raises(WeightsError) as error:
        load(file)
    assert sentence in str(error.value)


def test_no_such_model():
    with pytest.raises(WeightsError, match="There is no model 'nobody'"):
        load("nobody")


def test_a_full_disk_leaves_the_older_file(file, model):
    before = file.read_bytes()
    code = (
        "import resource, sys; from vae import load, save; model = load(sys.argv[1]);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); save(sys.argv[1], model)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, file], cwd=settings.ROOT, capture_output=True, text=True
    )
    assert "cannot be written: File too large" in done.stderr
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_place_that_cannot_be_written(model, tmp_path):
    (tmp_path / "taken").write_text("")
    for path in (tmp_path / "taken" / "m.safetensors", tmp_path):
        with pytest.raises(WeightsError, match="cannot be written"):
            save(path, model)
        with pytest.raises(WeightsError, match="cannot be written"):
            weights.check_writable(path)


def test_names(home, model):
    save(settings.MODELS / "mine.safetensors", model)
    save(settings.MODELS / "Not A Name.safetensors", model)
    assert list(weights.available()) == ["classic", "conv", "fast", "mine"]
    assert load("mine").params == model.params
    for bad in ("", "-x", "a/b", "..", "Ä", "x" * 41, "a.b"):
        with pytest.raises(WeightsError, match="A model's name is"):
            weights.check_name(bad)


def test_a_model_that_is_brought_is_checked_and_then_in_the_picker(home, classic):
    content = available()["classic"].read_bytes()
    receive(content, "guest")
    guest = load("guest")
    assert guest.params == classic.params and guest.metrics == classic.metrics
    for name, sentence in (("guest", "There is a model named"), ("../evil", "A model's name is")):
        with pytest.raises(WeightsError, match=sentence):
            receive(content, name)
    with pytest.raises(WeightsError, match="no more than 42 MB"):
        receive(bytes(MOST_BYTES + 1), "large")
    assert sorted(path.name for path in settings.MODELS.iterdir()) == ["guest.safetensors"]


@pytest.mark.parametrize(
    "forgery",
    [
        {"metrics": '{"accuracy": "<b>"}'},
        {"metrics": '{"temperature": NaN}'},
        {"metrics": '{"confusion": [[1]]}'},
        {"metrics": '{"confusion": "x"}'},
        {"metrics": '{"quality": 3}'},
        {"history": '[{"epoch": 1}]'},
        {"history": "[3]"},
        {"params": Params(z_dim=3).to_json()},
        {"params": Params(encoder_layers=[512] * 3, encoder_filters=[128] * 3).to_json()},
        {"params": '{"z_dim": 1e9}'},
    ],
)
def test_forged_metadata_is_refused_in_a_sentence(home, classic, forgery):
    metadata = {
        "format": "vae-lab",
        "version": "1",
        "params": classic.params.to_json(),
        "metrics": "{}",
        "history": "[]",
    }
    content = to_safetensors(dict(classic.tensors), metadata=metadata | forgery)
    with pytest.raises(WeightsError, match=r"^The file (cannot be used|does not fit)"):
        receive(content, "forged")
    assert not settings.MODELS.exists()
