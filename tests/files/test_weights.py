import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from safetensors.numpy import save as to_safetensors

from vae import Params, TrainedVAE, WeightsError, save, settings
from vae.files.metadata import METRICS, OF_LABELS, QUALITY
from vae.files.weights import MAX_BYTES, MAX_WEIGHT, check_usable, check_writable, load, read_run_id
from vae.model.architecture import shapes
from vae.model.numpy_model import DigitGaussians
from vae.presets import PRESETS

EPOCH = {"epoch": 1, "loss": 2.5, "val_loss": 2.75}
ROW = {name: (low + min(high, 2 * low + 1)) / 2 for name, (low, high) in QUALITY.items()}
ROW["worst_digit"] = 3
UNLABELLED_ROW = {name: value for name, value in ROW.items() if name not in OF_LABELS}


@pytest.fixture
def model():
    return small_model()


def small_model(**changes):
    params = Params(
        encoder_layers=[8], decoder_layers=[9], digit_classification_layers=[7], z_dim=3, **changes
    )
    rng = np.random.default_rng(0)
    tensors = {n: rng.standard_normal(s).astype(np.float32) for n, s in shapes(params).items()}
    return TrainedVAE(params, tensors, {"accuracy": 0.5}, [EPOCH])


def with_everything():
    """A small model with what a file may hold besides."""
    model = small_model()
    root = np.tile(np.eye(3, dtype=np.float32), (10, 1, 1))
    gaussians = DigitGaussians(np.full((10, 3), 0.5, np.float32), root * 2)
    return replace(model, digit_gaussians=gaussians, knob_names={0: "slant", 2: "width"})


@pytest.fixture
def file(model, tmp_path):
    path = tmp_path / "model.safetensors"
    save(path, model)
    return path


def rewrite(path, metadata=None, **tensors):
    with safe_open(path, framework="numpy") as opened:
        old = opened.metadata()
    changed = {k: v for k, v in (load_file(path) | tensors).items() if v is not None}
    save_file(changed, path, metadata=old | (metadata or {}))


def refused(path):
    with pytest.raises(WeightsError) as error:
        load(path)
    return str(error.value)


def test_both_ways(file, model):
    again = load(file)
    assert again.params == model.params
    assert (again.metrics, again.history) == (model.metrics, model.history)
    assert again.tensors.keys() == model.tensors.keys()
    for name, tensor in model.tensors.items():
        assert np.array_equal(again.tensors[name], tensor)


def test_gaussians_and_names_both_ways(file):
    assert load(file).digit_gaussians is None
    assert load(file).knob_names == {}
    model = with_everything()
    save(file, model)
    again = load(file)
    assert again.knob_names == model.knob_names
    assert again.tensors.keys() == model.tensors.keys()
    for stored, array in zip(again.digit_gaussians, model.digit_gaussians, strict=True):
        assert np.array_equal(stored, array) and stored.dtype == np.float32
        assert not stored.flags.writeable
    check_usable(again)


def test_half_precision(tmp_path):
    path, whole = tmp_path / "half.safetensors", tmp_path / "whole.safetensors"
    model = with_everything()
    model.tensors["mu.kernel"].setflags(write=True)
    model.tensors["mu.kernel"][0, 0] = 70_000  # More than half precision can hold.
    save(whole, model)
    save(path, model, half=True)
    stored = load_file(path)
    assert {tensor.dtype.name for tensor in stored.values()} == {"float16", "float32"}
    assert path.stat().st_size < 0.8 * whole.stat().st_size
    again = load(path)
    tensors = again.tensors | {
        "mean": again.digit_gaussians.mean,
        "root": again.digit_gaussians.root,
    }
    assert all(tensor.dtype == np.float32 for tensor in tensors.values())
    for name, tensor in model.tensors.items():
        assert np.allclose(again.tensors[name], tensor, rtol=2**-11, atol=1e-7), name
    assert again.tensors["mu.kernel"][0, 0] == 70_000
    rewrite(path, **{"mu.bias": np.array([np.inf, 0, 0], np.float16)})
    assert "mu.bias holds numbers that are not between" in refused(path)
    rewrite(path, **{"mu.bias": np.zeros(3)})
    assert "mu.bias is float64 (3,), not float32 (3,)" in refused(path)


def test_the_id_of_the_run_is_in_the_file(file, model):
    assert read_run_id(file) == ""
    save(file, model, run_id="mine-20261124-120000")
    assert read_run_id(file) == "mine-20261124-120000"
    assert load(file).metrics == model.metrics
    file.write_bytes(b"damaged")
    assert read_run_id(file) == read_run_id(file.parent / "none") == ""


def test_a_missing_folder_is_made_unless_the_file_is_a_runs(model, tmp_path):
    save(tmp_path / "new" / "folder" / "m.safetensors", model)
    with pytest.raises(WeightsError, match="cannot be written: No such file"):
        save(tmp_path / "deleted" / "m.safetensors", model, run_id="m-20261124-120000")
    assert not (tmp_path / "deleted").exists()


@pytest.mark.parametrize("name", PRESETS)
def test_the_shipped_files_hold_every_metric(name):
    model = load(settings.SHIPPED / f"{name}.safetensors")
    assert model.metrics.keys() == METRICS.keys() | {"confusion", "quality"}
    assert model.metrics["quality"].keys() == QUALITY.keys() - (
        set() if model.labelled else OF_LABELS
    )
    assert len(model.history) == PRESETS[name].epochs
    assert model.digit_gaussians is not None
    assert len(model.knob_names) >= min(3, model.metrics["active_units"] - 1) * (
        model.params.z_dim > 2
    )
    check_usable(model)


def test_a_loaded_model_does_not_change(file):
    with pytest.raises(ValueError, match="read-only"):
        load(file).tensors["mu.bias"][0] = 1


def test_no_such_file(tmp_path):
    assert "There is no model" in refused(tmp_path / "none.safetensors")
    assert "cannot be read" in refused(tmp_path)


def test_metrics_at_their_bounds_are_accepted(file):
    extremes = [{name: limits[end] for name, limits in METRICS.items()} for end in (0, 1)]
    for metrics in extremes:
        metrics["active_units"] = int(metrics["active_units"])
        metrics |= {"confusion": [[0] * 10] * 10, "quality": ROW}
        rewrite(file, {"metrics": json.dumps(metrics), "history": json.dumps([EPOCH] * 1000)})
        assert load(file).metrics == metrics


def test_what_a_newer_program_may_add_is_left_out(file):
    metrics = {"accuracy": 0.5, "colour": "red", "quality": ROW | {"new": [1]}}
    history = [EPOCH | {"seconds": "3"}]
    rewrite(file, {"metrics": json.dumps(metrics), "history": json.dumps(history)})
    model = load(file)
    assert model.metrics == {"accuracy": 0.5, "quality": ROW}


def test_the_quality_of_a_model_without_labels(tmp_path):
    path = tmp_path / "model.safetensors"
    model = small_model(decoder_sees="nothing")
    save(path, replace(model, metrics={"quality": UNLABELLED_ROW}))
    assert load(path).metrics == {"quality": UNLABELLED_ROW}
    save(path, replace(model, metrics={"quality": UNLABELLED_ROW | {"fidelity": 0.5}}))
    assert "its quality has no" in refused(path), "all that is of labels, or nothing of it"


def test_a_variance_is_not_negative(tmp_path):
    path = tmp_path / "conv.safetensors"
    model = small_model(digit_classification_filters=[4])
    name = "classifier.norm0.variance"
    tensors = model.tensors | {name: np.array([0, 0.5, 1e19, 2], np.float32)}
    save(path, TrainedVAE(model.params, tensors))
    assert np.array_equal(load(path).tensors[name], tensors[name])
    rewrite(path, **{name: np.array([0, 0.5, 1, -1e-9], np.float32)})
    assert f"{name} holds numbers that are not between 0 and 1e+36" in refused(path)


def test_weights_that_overflow_are_not_usable(model):
    check_usable(model)
    large = {
        name: np.full(tensor.shape, MAX_WEIGHT, np.float32)
        for name, tensor in model.tensors.items()
    }
    with pytest.raises(WeightsError, match="results that are not finite"):
        check_usable(TrainedVAE(model.params, large))


def test_gaussians_with_which_results_overflow_are_not_usable():
    model = with_everything()
    tensors = {name: tensor.copy() for name, tensor in model.tensors.items()}
    tensors["decoder.0.kernel"] *= np.float32(1e6)
    tensors["decoder.1.kernel"] *= np.float32(1e6)
    relu = Params(**model.params.model_dump() | {"activation": "relu"})
    model = replace(model, params=relu, tensors=tensors)
    check_usable(model)
    far = DigitGaussians(*(np.full_like(array, 3e38) for array in model.digit_gaussians))
    with pytest.raises(WeightsError, match="results that are not finite"):
        check_usable(replace(model, digit_gaussians=far))


def test_a_full_disk_leaves_the_older_file(file, model):
    before = file.read_bytes()
    code = (
        "import resource, sys; from vae import save; from vae.files.weights import load;"
        "model = load(sys.argv[1]);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); save(sys.argv[1], model)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, file], cwd=settings.ROOT, capture_output=True, text=True
    )
    assert "cannot be written: File too large" in done.stderr
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_path_that_cannot_be_written(model, tmp_path):
    (tmp_path / "taken").write_text("")
    for path in (tmp_path / "taken" / "m.safetensors", tmp_path):
        with pytest.raises(WeightsError, match="cannot be written"):
            save(path, model)
        with pytest.raises(WeightsError, match="cannot be written"):
            check_writable(path)


def test_the_largest_model_is_smaller_than_the_largest_file():
    params = Params(encoder_layers=[512] * 3, encoder_filters=[128] * 3, decoder_layers=[512] * 3)
    params = params.model_copy(update={"digit_classification_layers": (512,) * 3})
    tensors = {name: np.zeros(shape, np.float32) for name, shape in shapes(params).items()}
    tensors |= {"mean": np.zeros((10, 32), np.float32), "root": np.zeros((10, 32, 32), np.float32)}
    metrics = dict.fromkeys(METRICS, 1 / 3) | {"confusion": [[10**9] * 10] * 10, "quality": ROW}
    history = [{"epoch": i, "loss": 1 / 3, "val_loss": 1 / 3} for i in range(1000)]
    content = to_safetensors(
        tensors, {"metrics": json.dumps(metrics), "history": json.dumps(history)}
    )
    assert len(content) < MAX_BYTES
