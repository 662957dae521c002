"""Names of latent knobs: which are fit, where they are kept, and that none is lost."""

import json
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
from vae.model import knobs, registry, weights
from vae.model.registry import name_knob
from vae.runs import store
from vae.runs.worker import run_training

SHIPPED_FILES = [settings.SHIPPED / f"{name}.safetensors" for name in ("classic", "fast", "conv")]


@pytest.fixture
def mine(home):
    """A model made here, by a run."""
    settings.MODELS.mkdir()
    path = settings.MODELS / "mine.safetensors"
    model = weights.load(SHIPPED_FILES[0])
    weights.save(path, model, "mine-20260101-000000")
    for dimension in model.knob_names:
        name_knob("mine", dimension, "")
    return path


def metadata(path):
    with safe_open(path, framework="numpy") as file:
        return file.metadata()


def test_names_are_kept_in_the_file_and_all_else_stays(mine):
    before, tensors = metadata(mine), load_file(mine)
    assert load("mine").knob_names == {}
    name_knob("mine", 3, "slant")
    name_knob("mine", 0, "  Größe  des Bogens ")
    assert load("mine").knob_names == {0: "Größe des Bogens", 3: "slant"}
    after = metadata(mine)
    assert json.loads(after.pop("knob_names")) == {"0": "Größe des Bogens", "3": "slant"}
    assert after == before and after["run"] == "mine-20260101-000000"
    for name, tensor in load_file(mine).items():
        assert np.array_equal(tensor, tensors[name]), name
    name_knob("mine", 3, "width")
    name_knob("mine", 0, " ")
    assert load("mine").knob_names == {3: "width"}
    name_knob("mine", 3, "")
    assert metadata(mine) == before


def test_what_this_program_does_not_know_of_a_file_stays_in_it(mine):
    added = metadata(mine) | {"colour": "red", "metrics": '{"accuracy": 0.5, "new": 1}'}
    mine.write_bytes(weights._packed(load_file(mine), added))
    name_knob("mine", 1, "width")
    assert metadata(mine) == added | {"knob_names": '{"1": "width"}'}


@pytest.mark.parametrize(
    ("dimension", "name", "sentence"),
    [
        (10, "slant", "The model 'mine' has no z10"),
        (-1, "slant", "The model 'mine' has no z-1"),
        (2, "x" * 21, "A knob's name is 1 to 20 letters"),
        (2, "<b>", "A knob's name is 1 to 20 letters"),
        (2, "![](//a.bc/d)", "A knob's name is"),
        (2, "*bold*", "A knob's name is"),
        (2, ":material/star:", "A knob's name is"),
        (2, "$x$", "A knob's name is"),
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


def test_there_is_no_such_model(home):
    with pytest.raises(WeightsError, match="There is no model 'gone'"):
        name_knob("gone", 0, "slant")


@given(st.text(max_size=25))
def test_a_fit_name_means_itself_in_markdown(text):
    try:
        name = knobs.check_name(text)
    except WeightsError as error:
        assert str(error).isprintable() and len(str(error)) < 200
        return
    assert 1 <= len(name) <= 20 and name.isprintable() and name == name.strip()
    assert not set(name) & set('*_`~<>[](){}#$:!|\\&/.@"')


@given(
    st.dictionaries(
        st.integers(0, 9),
        st.text("abcdefgäö0189 -", min_size=1, max_size=20).filter(
            lambda name: name == name.strip() and name.strip("- ")
        ),
    ).filter(lambda names: len(set(names.values())) == len(names))
)
def test_names_both_ways(tmp_path_factory, names):
    path = tmp_path_factory.getbasetemp() / "both.safetensors"
    if not path.exists():
        shutil.copy(SHIPPED_FILES[0], path)
    path.write_bytes(weights.content_with(path, names))
    assert weights.load(path).knob_names == names


def test_names_for_a_shipped_model_are_kept_beside_it(home):
    files = {path: path.read_bytes() for path in SHIPPED_FILES}
    own = load("conv").knob_names
    free = next(i for i in range(10) if i not in own)
    name_knob("conv", free, "loop")
    name_knob("fast", 0, "stretch")
    assert load("conv").knob_names == {**own, free: "loop"}
    assert load("fast").knob_names[0] == "stretch"
    assert sorted(path.name for path in settings.MODELS.iterdir()) == ["knob_names.json"]
    assert {path: path.read_bytes() for path in SHIPPED_FILES} == files

    copy = home / "copy.safetensors"
    copy.write_bytes(registry.content(registry.available()["conv"]))
    assert weights.load(copy).knob_names == load("conv").knob_names
    for name, tensor in load_file(copy).items():
        assert np.array_equal(tensor, load_file(SHIPPED_FILES[2])[name])

    for dimension in load("conv").knob_names:
        name_knob("conv", dimension, "")
    assert load("conv").knob_names == {}
    assert load("classic").knob_names == weights.load(SHIPPED_FILES[0]).knob_names


@pytest.mark.parametrize("text", ["{", "[]", '{"conv": 3}', '{"conv": {"99": "x"}}', "[" * 9999])
def test_a_damaged_file_of_names_costs_no_model(home, text):
    settings.MODELS.mkdir()
    file = settings.MODELS / knobs.BESIDE
    file.write_text(text)
    assert load("conv").knob_names == weights.load(SHIPPED_FILES[2]).knob_names
    if not text.startswith('{"'):
        with pytest.raises(WeightsError, match="cannot be read; delete or repair it"):
            name_knob("conv", 9, "loop")
        assert file.read_text() == text


def test_the_path_of_a_file_names_the_knobs_in_it(home):
    path = home / "conv.safetensors"
    shutil.copy(SHIPPED_FILES[2], path)
    name_knob(path, 9, "loop")
    assert load(path).knob_names[9] == "loop"
    assert not settings.MODELS.exists()


def move_to(home):
    settings.HOME, settings.RUNS, settings.MODELS = home, home / "runs", home / "weights"


def train_on(home):
    """What a run does to its model's file after each epoch."""
    move_to(home)
    path = settings.MODELS / "mine.safetensors"
    model = weights.load(SHIPPED_FILES[0])
    for _ in range(40):
        assert registry.save_for_run(path, model, "mine-20260101-000000")


def name_all(home, dimensions):
    move_to(home)
    for dimension in dimensions:
        name_knob("mine", dimension, f"knob number {dimension}")
        name_knob("conv", dimension, f"knob number {dimension}")


def test_visitors_and_a_run_that_write_at_once_lose_no_name(mine, home):
    with ProcessPoolExecutor(3) as pool:
        tasks = [pool.submit(train_on, home)]
        tasks += [pool.submit(name_all, home, part) for part in (range(5), range(5, 10))]
        for task in tasks:
            task.result()
    expected = {i: f"knob number {i}" for i in range(10)}
    assert load("mine").knob_names == expected == load("conv").knob_names
    assert weights.read_run_id(mine) == "mine-20260101-000000"


def test_a_training_keeps_the_names_given_meanwhile(home):
    run = store.create(QUICK, "mine")
    for progress in run_training(run):
        if progress.trained and len(progress.trained.history) == 1:
            name_knob("mine", 2, "slant")
    model = load("mine")
    assert len(model.history) == QUICK.epochs
    assert model.knob_names == {2: "slant"}
    assert model.digit_gaussians.mean.shape == (10, QUICK.z_dim)
    assert weights.load(run.best).digit_gaussians is not None


def test_a_run_that_replaces_a_model_does_not_take_over_its_names(mine, home):
    name_knob("mine", 2, "slant")
    model = weights.load(SHIPPED_FILES[0])
    other = "mine-20270101-000000"
    assert not registry.save_for_run(mine, model, other)
    assert registry.save_for_run(mine, model, other, replace=True)
    assert load("mine").knob_names == model.knob_names


def test_a_file_for_others_is_the_file_itself_unless_names_are_beside_it(mine):
    name_knob("mine", 2, "slant")
    assert registry.content(mine) == mine.read_bytes()
    for path in SHIPPED_FILES:
        assert registry.content(path) == path.read_bytes()
