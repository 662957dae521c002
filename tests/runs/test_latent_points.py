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


def files(run):
    return sorted((run.folder / "samples").glob("*.safetensors"))


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
    names = [path.stem for path in files(run)]
    assert names == ["0000", "0001", "0002", "step-00010", "step-00030"]
    assert all(path.stat().st_size <= 20_000 for path in files(run))
    for path in files(run):  # A page that sees the picture finds its points.
        assert path.stat().st_mtime_ns <= path.with_suffix(".png").stat().st_mtime_ns
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


def test_a_plane_is_shown_as_it_is_and_what_cannot_be_kept_stops_nothing(home, mnist):
    params = QUICK.model_copy(update={"z_dim": 2})
    run = store.create(params, "flat")
    (run.folder / "samples" / "0001.safetensors").mkdir(parents=True)  # Cannot be replaced.
    status = train(run)
    assert status.state == "finished" and len(status.history.epochs) == 3
    assert [p for p in status.problems if "The map of z was not saved" in p]
    by_moment = {(s.epoch, s.step): s.points for s in run.snapshots()}
    with pytest.raises(RunError, match="cannot be read"):
        by_moment[1, 0]()
    last = by_moment[2, 0]()
    mu = mu_of(load(run.last), mnist.test)
    assert np.abs(last.coordinates - mu).max() <= last.scale
    assert last.share == 1

    path = files(run)[2]
    whole = path.read_bytes()
    for damaged in (b"", whole[:100], whole[:-1], b"{}" + whole, bytes(len(whole))):
        path.write_bytes(damaged)
        with pytest.raises(RunError, match="cannot be read"):
            by_moment[2, 0]()
    # Points of other images are nothing to compare with.
    latent_points.save(path, LatentPoints(np.ones((3, 2), np.int16), 1.0, 1.0))
    classic = load("classic")
    assert np.array_equal(
        latent_points.compute(classic, mnist.test, by_moment[2, 0]()).points,
        latent_points.compute(classic, mnist.test).points,
    )
    run.resume(target_epochs=3)
    assert train(run).state == "finished"
    assert by_moment[0, 10]().share == 1 and run.snapshots()[-1].points().share == 1
    path.unlink()
    with pytest.raises(RunError, match="were not saved"):
        by_moment[2, 0]()


def test_a_shipped_model_has_the_points_of_its_end(mnist):
    (snapshot,) = shipped.ShippedRun("classic").snapshots()
    points = snapshot.points()
    expected = latent_points.compute(load("classic"), mnist.test)
    assert points.points.shape == (COUNT, 2)
    assert np.array_equal(points.points, expected.points)
