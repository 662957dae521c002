"""The points of test images in the latent space that a run keeps for each moment."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_runs import SMALL

from vae import Params, load
from vae.errors import RunError
from vae.runs import latent_points, shipped, store
from vae.runs.latent_points import COUNT, LatentPoints, project
from vae.runs.worker import run_training

QUICK = Params(**SMALL, batch_size=200, epochs=2)
pytestmark = pytest.mark.usefixtures("few_images")


def train(run):
    deque(run_training(run), maxlen=0)
    return run.status()


def mu_of(model, test):
    return model.encode(test.x[:COUNT])[0]


@given(st.integers(0, 10**6), st.integers(1, 32), st.integers(40, 90))
def test_a_projection_shows_as_much_as_it_says(seed, dimensions, count):
    rng = np.random.default_rng(seed)
    mu = rng.normal(rng.normal(0, 2), rng.uniform(0, 3, dimensions), (count, dimensions))
    mu = mu.astype(np.float32)
    points, share = project(mu)
    assert points.shape == (count, 2)
    if dimensions < 3:
        assert np.array_equal(points[:, :dimensions], mu) and share == 1
        return
    variances = np.linalg.svd(mu - mu.mean(0), compute_uv=False) ** 2
    assert share == pytest.approx(variances[:2].sum() / variances.sum(), abs=1e-4)
    assert points.var(0).sum() == pytest.approx(share * mu.var(0).sum(), rel=1e-3, abs=1e-5)
    # Another basis of the same z changes nothing if the points before are known.
    basis, _ = np.linalg.qr(rng.normal(size=(dimensions, dimensions)))
    again, _ = project((mu @ basis).astype(np.float32), points)
    assert np.linalg.norm(again - points) <= 1e-3 * (1 + np.linalg.norm(points))


def test_a_run_keeps_points_beside_each_snapshot_and_a_resumed_one_goes_on(home, mnist):
    run = store.create(QUICK, "whole")
    assert train(run).state == "finished"
    found = [(snapshot.epoch, snapshot.step) for snapshot in run.snapshots()]
    assert found == [(0, 0), (0, 10), (0, 30), (1, 0), (2, 0)]
    moments = [snapshot.points() for snapshot in run.snapshots()]
    last, before = moments[-1], moments[-2]
    expected = latent_points.compute(load(run.last), mnist.test, before)
    assert np.abs(last.coordinates - expected.coordinates).max() <= 2 * last.scale
    mu = mu_of(load(run.last), mnist.test)
    assert np.linalg.norm(last.coordinates, axis=1).max() <= np.linalg.norm(mu, axis=1).max() + 0.01
    assert last.coordinates.var(0).sum() / mu.var(0).sum() == pytest.approx(last.share, abs=0.01)

    run.resume(target_epochs=3)
    assert train(run).state == "finished"
    third = run.snapshots()[-1].points()
    step = np.linalg.norm(third.coordinates - last.coordinates, axis=1).mean()
    assert step < np.linalg.norm(last.coordinates, axis=1).mean(), "the points do not jump"


def test_a_plane_is_shown_as_it_is(home, mnist):
    run = store.create(QUICK.model_copy(update={"z_dim": 2}), "flat")
    assert train(run).state == "finished"
    last = run.snapshots()[-1].points()
    mu = mu_of(load(run.last), mnist.test)
    assert np.abs(last.coordinates - mu).max() <= last.scale
    assert last.share == 1


def test_points_of_other_images_are_nothing_to_compare_with(classic, mnist):
    other = LatentPoints(np.ones((3, 2), np.int16), 1.0, 1.0)
    expected = latent_points.compute(classic, mnist.test).points
    assert np.array_equal(latent_points.compute(classic, mnist.test, other).points, expected)


def test_points_that_cannot_be_computed_stop_nothing(home, monkeypatch):
    def fails(*_):
        raise RunError("The map has no points: μ is not a finite number.")

    monkeypatch.setattr("vae.runs.latent_points.compute", fails)
    run = store.create(QUICK, "mapless")
    status = train(run)
    assert (status.state, len(status.history.epochs)) == ("finished", 3)
    (problem,) = status.history.problems
    assert problem.startswith("The map of z was not saved")
    snapshot = run.snapshots()[-1]
    assert snapshot.read()
    with pytest.raises(RunError, match="were not saved"):
        snapshot.points()


def test_a_shipped_model_has_the_points_of_its_end(mnist):
    (snapshot,) = shipped.ShippedRun("classic").snapshots()
    points = snapshot.points()
    expected = latent_points.compute(load("classic"), mnist.test)
    assert points.points.shape == (COUNT, 2)
    assert np.array_equal(points.points, expected.points)
