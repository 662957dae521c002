"""The models that differ in β alone: that they do, and that they show what β does."""

from itertools import pairwise

import numpy as np
import pytest

from vae.analysis.evaluation import evaluate
from vae.errors import WeightsError
from vae.files import betas
from vae.files.betas import BETAS, information, load_all, params, path
from vae.files.registry import available


@pytest.fixture(scope="module")
def models():
    return load_all()


def test_a_missing_or_damaged_file_leaves_the_others():
    def read(file):
        if file in (path(0.25), path(16.0)):
            raise WeightsError("It is damaged.")
        return file

    assert load_all(read) == {beta: path(beta) for beta in BETAS if beta not in (0.25, 16.0)}


def test_they_differ_in_beta_alone(models):
    assert tuple(models) == BETAS and len(BETAS) >= 7
    assert (min(BETAS), max(BETAS)) == (0, 16)
    for beta, model in models.items():
        assert model.params == params(beta) and model.params.kl_weight == beta
        assert model.params.model_copy(update={"kl_weight": 1.0}) == params(1.0)


def test_they_are_small_and_in_no_list_of_models(models):
    sizes = [path(beta).stat().st_size for beta in BETAS]
    assert max(sizes) <= 700_000 and sum(sizes) <= 6_000_000
    assert not [name for name in available() if "beta" in name]


def test_a_larger_beta_takes_information_out_of_z(models, mnist):
    for one, other in pairwise(model.metrics for model in models.values()):
        assert other["kl"] < one["kl"]
        assert other["sse_mean"] > 0.95 * one["sse_mean"]
        assert other["active_units"] <= one["active_units"]
    units = [model.metrics["active_units"] for model in models.values()]
    assert units[0] == 10 and units[-1] <= 1 and len(set(units)) >= 4
    # Collapsed: the decoder draws one image of each digit, whatever z is.
    last = models[16.0]
    z = np.random.default_rng(0).standard_normal((50, 10), np.float32)
    assert last.decode(z, np.tile(np.eye(10)[3], (50, 1))).std(0).max() < 0.05
    few = mnist.test.part(slice(2000))
    measured = evaluate(last, few)
    assert measured["kl"] == pytest.approx(last.metrics["kl"], abs=0.1)
    assert measured["sse_mean"] == pytest.approx(last.metrics["sse_mean"], rel=0.05)


def test_the_information_is_a_part_of_the_kl_divergence(models, monkeypatch, tmp_path):
    told = information()
    assert told.keys() == models.keys()
    for beta, model in models.items():
        assert -0.01 <= told[beta] <= min(model.metrics["kl"], np.log(10_000)) + 0.05
    file = tmp_path / "information.json"
    monkeypatch.setattr(betas, "INFORMATION", file)
    assert information() == {}
    for damaged in ("[]", "{", '{"a": 1}'):
        file.write_text(damaged)
        assert information() == {}
