from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae.analysis import latent_map
from vae.analysis.latent_map import (
    EMBEDDING_SIDE,
    compute_mu,
    has_embedding,
    into_square,
    map_path,
    save_map,
)
from vae.analysis.projection import plane_of
from vae.data import mnist
from vae.errors import WeightsError
from vae.files.registry import available, load
from vae.files.weights import save
from vae.model.numpy_model import TrainedVAE


@pytest.fixture(scope="module")
def classic() -> TrainedVAE:
    return load("classic")


def test_images_are_those_that_models_are_trained_on():
    images, examples = mnist.test_images(), mnist.mnist().test
    rows = slice(100, 300)
    assert np.array_equal(images.examples(rows).x, examples.x[rows])
    assert np.array_equal(images.y, examples.y)


def test_map_without_a_file_is_computed(tmp_path, classic):
    data = latent_map.test_map(tmp_path / "model.safetensors", classic)
    assert np.allclose(data.mu, classic.encode(mnist.mnist().test.x)[0], atol=1e-5)
    assert np.array_equal(data.y, mnist.mnist().test.y)
    assert data.embedding is None


def test_numbers_too_large_for_a_map_are_cut_off_and_infinite_ones_are_named(tmp_path, classic):
    def with_weights(size):
        kernel = np.copysign(np.float32(size), classic.tensors["mu.kernel"])
        return replace(classic, tensors={**classic.tensors, "mu.kernel": kernel})

    large = latent_map.test_map(tmp_path / "model.safetensors", with_weights(1e9)).mu
    assert np.abs(large).max() == np.finfo(np.float16).max
    assert np.isfinite(large.astype(np.float16)).all()
    assert np.isfinite(plane_of(large).axes).all()
    with pytest.raises(WeightsError, match="not a finite number"):
        latent_map.test_map(tmp_path / "model.safetensors", with_weights(3e38))


def test_stored_map_belongs_to_its_weights_only(tmp_path, classic):
    path = tmp_path / "model.safetensors"
    save(path, classic)
    mu = compute_mu(classic, mnist.test_images())
    places = into_square(mu[:, :2])
    save_map(map_path(path), classic, mu, places)
    stored = latent_map.test_map(path, classic)
    assert np.array_equal(stored.embedding, places)
    assert np.allclose(stored.mu, mu, rtol=1e-3, atol=1e-3)

    bias = classic.tensors["mu.bias"] + np.float32(1)
    other = replace(classic, tensors={**classic.tensors, "mu.bias": bias})
    assert has_embedding(path, classic) and not has_embedding(path, other)
    assert latent_map.test_map(path, other).embedding is None
    assert np.allclose(latent_map.test_map(path, other).mu, mu + 1, atol=1e-4)

    whole = map_path(path).read_bytes()
    flipped = [bytearray(whole) for _ in range(8)]
    for i, content in enumerate(flipped):
        at = len(whole) * (2 * i + 1) // 16
        content[at : at + 8] = bytes(byte ^ 0xFF for byte in content[at : at + 8])
    for damaged in (b"", b"PK\x03\x04nothing", whole[:5000], *flipped):
        map_path(path).write_bytes(damaged)
        assert not has_embedding(path, classic)


@pytest.mark.parametrize("name", ["conv", "fast", "classic"])
def test_the_shipped_maps_are_those_of_the_shipped_models(name):
    model = load(name)
    data = latent_map.test_map(available()[name], model)
    assert data.embedding is not None, "made anew after a training: benchmarks/embedding.py"
    mu = model.encode(mnist.test_images().examples(slice(300)).x)[0]
    assert np.allclose(data.mu[:300], mu, rtol=2e-3, atol=2e-3)
    # Neighbours on the map are neighbours in z, too: nearer than images at random.
    places = data.embedding[:2000].astype(float)
    distances = ((places[:, None] - places[None]) ** 2).sum(-1)
    nearest = np.argpartition(distances, 1, 1)[:, 1]
    near = np.linalg.norm(data.mu[:2000] - data.mu[nearest], axis=1).mean()
    apart = np.linalg.norm(data.mu[:1999] - data.mu[1:2000], axis=1).mean()
    assert near < 0.6 * apart


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=20))
def test_square_keeps_the_aspect(points):
    points = np.array(points)
    square = into_square(points).astype(float)
    side = (points.max(0) - points.min(0)).max()
    moved = (square - square[0]) * side / EMBEDDING_SIDE
    assert np.allclose(moved, points - points[0], atol=side / EMBEDDING_SIDE + 1e-6)
