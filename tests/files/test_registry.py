"""Names of models: which are taken, and that a taken name is refused."""

import os
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import example, given
from hypothesis import strategies as st

from vae import Params, TrainedVAE, WeightsError, load, save, settings
from vae.files import registry
from vae.files.registry import available, check_name, fit_name
from vae.files.uploads import receive
from vae.files.weights import MAX_BYTES
from vae.model.architecture import shapes
from vae.runs import store

SHIPPED = ["conv", "fast", "classic", "report", "plane", "unlabelled"]


def small_model(fill=None):
    params = Params(encoder_layers=[8], decoder_layers=[9], digit_classification_layers=[7])
    rng = np.random.default_rng(0)
    tensors = {
        name: rng.standard_normal(shape, np.float32)
        if fill is None
        else np.full(shape, fill, np.float32)
        for name, shape in shapes(params).items()
    }
    return TrainedVAE(params, tensors)


def test_names(home):
    save(settings.MODELS / "mine.safetensors", small_model())
    save(settings.MODELS / "Not A Name.safetensors", small_model())
    assert list(available()) == [*SHIPPED, "mine"]
    assert load("mine").params == small_model().params
    for bad in ("", "-x", "a/b", "..", "Ä", "x" * 41, "a.b"):
        with pytest.raises(WeightsError, match="A model's name is"):
            check_name(bad)
    with pytest.raises(WeightsError, match="There is no model 'missing'"):
        load("missing")


@given(st.text())
@example("")
@example("-_Ä")
@example("a" * 39 + "/b")
def test_any_text_is_made_fit_to_be_a_name(text):
    assert check_name(fit_name(text)) == fit_name(text)
    assert fit_name("My plane (2)") == "my-plane-2"
    assert fit_name("plane_2") == "plane_2"


def test_an_uploaded_model_is_checked_and_then_available(home, classic):
    content = available()["classic"].read_bytes()
    receive(content, "guest")
    guest = load("guest")
    assert guest.params == classic.params and guest.metrics == classic.metrics
    for name, sentence in (("guest", "There is a model named"), ("../evil", "A model's name is")):
        with pytest.raises(WeightsError, match=sentence):
            receive(content, name)
    with pytest.raises(WeightsError, match="42 MB"):
        receive(bytes(MAX_BYTES + 1), "large")
    assert sorted(path.name for path in settings.MODELS.iterdir()) == ["guest.safetensors"]


def test_a_model_whose_results_overflow_is_refused(home, tmp_path):
    path = tmp_path / "large.safetensors"
    save(path, small_model(fill=1e6))
    with pytest.raises(WeightsError, match="not finite"):
        receive(path.read_bytes(), "large")
    assert not settings.MODELS.exists()


def test_shipped_models_come_first_then_the_newest(home):
    for age, name in enumerate(("new", "older", "oldest")):
        path = settings.MODELS / f"{name}.safetensors"
        save(path, small_model())
        os.utime(path, (1e9 - age, 1e9 - age))
    assert list(available()) == [*SHIPPED, "new", "older", "oldest"]


def test_a_model_is_renamed_and_deleted(home):
    registry.add(small_model(), "mine")
    registry.rename("mine", "yours")
    assert "mine" not in available() and load("yours").params == small_model().params
    registry.delete("yours")
    assert list(settings.MODELS.iterdir()) == []


def test_models_that_cannot_be_changed(home):
    run = store.create(Params(), "mine")
    registry.save_for_run(settings.MODELS / "mine.safetensors", small_model(), run.id)
    for change in (registry.delete, lambda name: registry.rename(name, "other")):
        for name, sentence in (("conv", "comes with the app"), ("gone", "There is no model")):
            with pytest.raises(WeightsError, match=sentence):
                change(name)
    for name in ("conv", "A B"):
        with pytest.raises(WeightsError):
            registry.rename("mine", name)
    training = pytest.raises(WeightsError, match="is being trained; stop its run first")
    with FileLock(run.folder / "lock"), training:
        registry.delete("mine")
    registry.delete("mine")


def take_name(arguments):
    home, _ = arguments
    settings.HOME, settings.RUNS = home, home / "runs"
    settings.MODELS = home / "weights"
    try:
        receive((settings.SHIPPED / "classic.safetensors").read_bytes(), "wanted")
    except WeightsError as error:
        return str(error)
    return "got it"


def test_of_two_visitors_who_take_a_name_at_once_one_gets_it(home):
    with ProcessPoolExecutor(2) as visitors:
        for _ in range(5):
            said = sorted(visitors.map(take_name, [(home, 1), (home, 2)]))
            refusal = "There is a model named 'wanted' already; choose another name."
            assert said == [refusal, "got it"]
            registry.delete("wanted")


def test_a_folder_that_cannot_be_written_is_a_sentence(home, monkeypatch):
    (home / "file").write_text("")
    monkeypatch.setattr(settings, "MODELS", home / "file" / "weights")
    with pytest.raises(WeightsError, match="The model cannot be saved: Not a directory"):
        registry.add(small_model(), "mine")
