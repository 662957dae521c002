"""Names of latent knobs: which are fit, that they are in the model's file, that none is lost."""

import shutil
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file
from small_runs import QUICK

from vae import WeightsError, load, settings
from vae.files import knobs, registry, weights
from vae.files.registry import name_knob
from vae.files.tensors import to_bytes
from vae.runs import store
from vae.runs.worker import run_training

CLASSIC = settings.SHIPPED / "classic.safetensors"
RUN_ID = "mine-20260101-000000"


@pytest.fixture
def mine(home):
    """A model made here, by a run, whose knobs have no names."""
    path = settings.MODELS / "mine.safetensors"
    path.parent.mkdir()
    shutil.copy(CLASSIC, path)
    path.write_bytes(weights.content_with_names(path, {}))
    weights.save(path, weights.load(path), RUN_ID)
    return path


def metadata(path):
    with safe_open(path, framework="numpy") as file:
        return file.metadata()


def test_names_are_in_the_file_and_all_else_stays(mine):
    added = metadata(mine) | {"colour": "red", "metrics": '{"accuracy": 0.5, "new": 1}'}
    tensors = load_file(mine)
    mine.write_bytes(to_bytes(tensors, added))
    name_knob("mine", 3, "slant")
    name_knob("mine", 0, "  Größe  des Bogens ")
    assert load("mine").knob_names == {0: "Größe des Bogens", 3: "slant"}
    after = metadata(mine)
    assert after.pop("knob_names") and after == added
    assert all(np.array_equal(tensor, tensors[name]) for name, tensor in load_file(mine).items())
    name_knob("mine", 3, "width")
    name_knob("mine", 0, " ")
    assert load("mine").knob_names == {3: "width"}
    name_knob("mine", 3, "")
    assert metadata(mine) == added


@pytest.mark.parametrize(
    ("dimension", "name", "sentence"),
    [
        (10, "slant", "The model 'mine' has no z10"),
        (-1, "slant", "The model 'mine' has no z-1"),
        (2, "x" * 21, "A knob's name is 1 to 20 letters"),
        (2, "![](//a.bc/d)", "A knob's name is"),
        (2, "a\u202eb", "A knob's name is"),
        (2, "--", "A knob's name is"),
        (2, "width", "z5 is called 'width' already"),
    ],
)
def test_names_that_are_refused(mine, dimension, name, sentence):
    name_knob("mine", 5, "width")
    before = mine.read_bytes()
    with pytest.raises(WeightsError, match=sentence):
        name_knob("mine", dimension, name)
    assert mine.read_bytes() == before


def test_an_included_model_is_named_by_its_path_only(home):
    with pytest.raises(WeightsError, match="There is no model 'gone'"):
        name_knob("gone", 0, "slant")
    with pytest.raises(WeightsError, match="'classic' comes with the app and stays as it is"):
        name_knob("classic", 9, "loop")
    path = home / "classic.safetensors"
    shutil.copy(CLASSIC, path)
    name_knob(path, 9, "loop")
    assert load(path).knob_names[9] == "loop"


@given(st.text(max_size=25))
def test_a_fit_name_means_itself_in_markdown(text):
    try:
        name = knobs.check_name(text)
    except WeightsError as error:
        assert str(error).isprintable() and len(str(error)) < 200
        return
    assert 1 <= len(name) <= 20 and name.isprintable() and name == name.strip()
    assert not set(name) & set('*_`~<>[](){}#$:!|\\&/.@"')


def move_to(home):
    settings.HOME, settings.RUNS, settings.MODELS = home, home / "runs", home / "weights"


def train_on(home):
    """What a run does to its model's file after each epoch."""
    move_to(home)
    model = weights.load(CLASSIC)
    for _ in range(20):
        assert registry.save_for_run(settings.MODELS / "mine.safetensors", model, RUN_ID)


def name_all(home, dimensions):
    move_to(home)
    for dimension in dimensions:
        name_knob("mine", dimension, f"knob number {dimension}")


def test_visitors_and_a_run_that_write_at_once_lose_no_name(mine, home):
    with ProcessPoolExecutor(3) as pool:
        tasks = [pool.submit(train_on, home)]
        tasks += [pool.submit(name_all, home, part) for part in (range(5), range(5, 10))]
        for task in tasks:
            task.result()
    assert load("mine").knob_names == {i: f"knob number {i}" for i in range(10)}
    assert weights.read_run_id(mine) == RUN_ID


def test_a_training_keeps_the_names_given_meanwhile(home, few_images):
    run = store.create(QUICK, "mine")
    for progress in run_training(run):
        if progress.trained and len(progress.trained.history) == 1:
            name_knob("mine", 2, "slant")
    model = load("mine")
    assert len(model.history) == QUICK.epochs and model.knob_names == {2: "slant"}


def test_a_run_that_replaces_a_model_does_not_take_over_its_names(mine, home):
    name_knob("mine", 2, "slant")
    model = weights.load(CLASSIC)
    other = "mine-20270101-000000"
    assert not registry.save_for_run(mine, model, other)
    assert registry.save_for_run(mine, model, other, replace=True)
    assert load("mine").knob_names == model.knob_names
