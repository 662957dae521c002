"""What the modules of Explore compute without a page, against NumPy."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from browsing import load_module

from ui.components import handover
from ui.explore import arithmetic
from vae.analysis.latent import interpolate
from vae.analysis.projection import plane_of

POINTS = """([data, projection, spots, shown]) => {
    const arrays = Object.entries(data).map(([name, all]) => [name, all && Float32Array.from(all)])
    const points = new module.Points(Object.fromEntries(arrays))
    const { x, y } = points.project(projection)
    return {
        projections: points.projections, x: Array.from(x), y: Array.from(y),
        near: spots.map(([a, b]) => points.nearest(projection, a, b, shown)),
        z: spots.map(([a, b]) => Array.from(points.zAt(projection, a, b).z)),
        neighbours: points.neighbours(points.mu.slice(0, points.zDim), 5),
    }
}"""


@pytest.fixture(scope="module")
def empty(browser):
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize(
    ("z_dim", "projection"),
    [(1, "plane"), (2, "plane"), (3, "pca"), (32, "pca"), (3, "neighbours"), (32, "neighbours")],
)
def test_places_neighbours_and_z_are_those_of_numpy(empty, z_dim, projection):
    rng = np.random.default_rng(z_dim)
    mu = rng.standard_normal((200, z_dim)).astype(np.float16).astype(np.float32)
    y = rng.integers(0, 10, 200)
    plane = plane_of(mu)
    embedding = np.float32(100 * rng.random((200, 2))) if projection == "neighbours" else None
    places = (mu - plane.origin) @ plane.axes.T if embedding is None else embedding.copy()
    spots = places[:20] + rng.normal(0, 0.3, (20, 2))
    shown = rng.random(10) < 0.5
    shown[y[0]] = True
    arrays = {"mu": mu, "y": y, "embedding": embedding, **plane._asdict()}
    data = {name: None if a is None else a.ravel().tolist() for name, a in arrays.items()}
    load_module(empty, "explore/map/points")
    found = empty.evaluate(POINTS, [data, projection, spots.tolist(), shown.tolist()])
    found = SimpleNamespace(**found)
    assert (
        found.projections
        == {
            "plane": ["plane"],
            "pca": ["pca"],
            "neighbours": ["pca", "neighbours"],
        }[projection]
    )
    assert np.allclose(found.x, places[:, 0], atol=1e-4)
    if z_dim == 1:  # A strip: a line for each digit, the higher ones below.
        places[:, 1] = found.y
        lines = [places[y == digit, 1] for digit in range(10)]
        assert all(above.min() > below.max() for above, below in pairwise(lines))
    assert np.allclose(found.y, places[:, 1], atol=1e-4)
    distances = ((spots[:, None] - places) ** 2).sum(2)
    assert found.near == np.where(shown[y], distances, np.inf).argmin(1).tolist()
    z = plane.origin + spots @ plane.axes
    if projection == "neighbours":
        nearest = np.argsort(distances, 1)[:, :8]
        weights = 1 / (np.take_along_axis(distances, nearest, 1) + 1e-6)
        z = ((weights / weights.sum(1, keepdims=True))[..., None] * mu[nearest]).sum(1)
    assert np.allclose(found.z, z, atol=1e-3)
    assert found.neighbours == np.argsort(((mu - mu[0]) ** 2).sum(1))[:5].tolist()


@pytest.mark.parametrize("z_dim", [1, 10])
@pytest.mark.parametrize("spherical", [True, False])
def test_a_way_goes_where_numpy_goes(empty, z_dim, spherical):
    load_module(empty, "explore/paths")
    for one, other in np.random.default_rng(0).standard_normal((5, 2, z_dim)):
        found = empty.evaluate(
            "([a, b, s]) => [0, 0.3, 1].map(t => [...module.interpolate(a, b, t, s)])",
            [one.tolist(), other.tolist(), spherical],
        )
        assert np.allclose(found, interpolate(one, other, [0, 0.3, 1], spherical), atol=1e-5)


def test_forged_reports_change_nothing():
    no_z = ({"z": z} for z in ([0] * 9, ["1"] * 10, [1e9] * 10, [np.nan] * 10))
    assert not any(handover.parse_report(report, 10) for report in (None, {}, *no_z))
    assert handover.parse_report({"z": [1] * 10}, 10) == [1.0] * 10
    good = {"plus": [1, 2], "minus": []}
    no_groups = (good | {"plus": plus} for plus in ([500], [True], 3))
    assert not any(arithmetic.checked(report) for report in (None, [], *no_groups))
    assert arithmetic.checked(good) == ([1, 2], [])
