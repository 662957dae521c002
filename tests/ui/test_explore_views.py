"""The views of the Explore page that draw with the model: what they show is what NumPy computes."""

import base64

import numpy as np
import pytest
from accessibility import violations
from browsing import PHONE, at_rest, heading, linked, narrow_enough, visit
from conftest import wait_until
from PIL import Image
from touch import fingers

from ui.components.subject import test_digit as image_of_test_set
from ui.explore import arithmetic, morph, places, sheet, traversals
from ui.generate import knobs
from ui.shared.address import FIRST_DIGIT
from vae import load, save
from vae.analysis.latent import by_probability, even_steps, traverse
from vae.analysis.latent import sheet as sheet_points
from vae.data.mnist import first_test_examples, one_hot
from vae.images import grid
from vae.model.architecture import shapes
from vae.model.numpy_model import TrainedVAE
from vae.params import Params
from vae.presets import PRESETS

EXPLORE = "../pages/explore.py"
READ = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
    const gray = Array.from(data.filter((_, i) => i % 4 === 0), c => String.fromCharCode(c))
    return btoa(gray.join(""))
}"""
STILL = """async (main) => {
    const before = main.scrollTop
    for (let i = 0; i < 10; i++) await new Promise(requestAnimationFrame)
    return main.scrollTop === before
}"""


def shown(canvas):
    """The digits on a canvas, (rows, columns, 784) in [0, 1]."""
    height, width = canvas.evaluate("canvas => [canvas.height, canvas.width]")
    tiles = np.frombuffer(base64.b64decode(canvas.evaluate(READ)), np.uint8)
    tiles = tiles.reshape(height // 28, 28, width // 28, 28).transpose(0, 2, 1, 3)
    return tiles.reshape(height // 28, width // 28, 784) / 255


def wait_for(canvas, expected):
    """Wait until a canvas shows these digits, as far as float16 weights and bytes allow."""
    expected = np.asarray(expected)
    rows = (
        expected.reshape(-1, expected.shape[-2], 784) if expected.ndim > 1 else expected[None, None]
    )

    def equal():
        found = shown(canvas)
        return found.shape == rows.shape and np.abs(found - rows).max() < 2.5 / 255

    wait_until(equal)


def view(server, name, **options):
    query = "&".join(f"{key}={value}" for key, value in options.items())
    return f"{server.url}/explore?view={name}&{query}"


@pytest.fixture(scope="module")
def page(browser, server):
    with visit(browser, f"{server.url}/explore") as page:
        yield page


@pytest.fixture(scope="module")
def model():
    return load("fast")


def decoded(model, z, prob):
    return model.decode(np.asarray(z, np.float32)[None], np.asarray(prob)[None])


def decode_all(model, z, prob):
    """The rows of z, each with the same prob: (n, 784)."""
    return model.decode(z, np.tile(prob, (len(z), 1)))


def rows_of(model, z, prob, order):
    """The rows of the traversals."""
    return [decode_all(model, traverse(z, traversals.COLUMNS, i), prob) for i in order]


def sheet_of(model, z, prob, across, up, axis):
    return decode_all(model, sheet_points(z, across, up, axis), prob).reshape(-1, len(axis), 784)


def strip_of(model, place, difference):
    """The strip of the arithmetic."""
    z = place.z + arithmetic.AMOUNTS[:, None] * difference
    return decode_all(model, z, place.digit_prob)


def switch_view_and_back(page, name):
    page.get_by_role("radio", name="Arithmetic").click()
    page.get_by_text("Drag along the strip").wait_for()
    page.locator(".picker").wait_for(state="attached")
    page.get_by_role("radio", name=name).click()
    page.locator(".picker").wait_for(state="detached")
    page.locator("[data-ready]").wait_for()


def test_traversals_are_sliders_around_z(page, server, model):
    start = places.of_image(model, image_of_test_set(3))
    order = [int(knob[1:]) for knob in knobs.strongest("fast", model)]
    prob = one_hot(start.digit)
    page.goto(view(server, "Traversals", model="fast", base_from="Test+digit", base_digit=3))
    large, rows = page.locator("canvas.large"), page.locator(".row canvas")
    wait_for(large, decoded(model, start.z, prob)[0])
    for i, row in enumerate(rows_of(model, start.z, prob, order)):
        wait_for(rows.nth(i), row)
    assert not violations(page)
    assert linked(page, "walk") is None
    first = page.locator(".row [role=slider]").first
    first.press("End")
    first.press("ArrowLeft")
    z = start.z.copy()
    z[order[0]] = 2.9
    wait_for(large, decoded(model, z, prob)[0])
    wait_for(rows.nth(1), rows_of(model, z, prob, order)[1])
    wait_until(lambda: first.get_attribute("aria-valuetext") == "+2.9")
    box = rows.nth(2).bounding_box()  # The middle of the last column is 3.
    page.mouse.move(box["x"] + box["width"] * 8.5 / 9, box["y"] + 5)
    wait_for(large, decoded(model, traverse(z, 9, order[2])[8], prob)[0])
    page.mouse.down()
    page.mouse.up()
    z[order[2]] = 3
    wait_for(rows.nth(0), rows_of(model, z, prob, order)[0])
    wait_until(lambda: np.allclose(np.fromstring(linked(page, "walk"), sep=","), z, atol=0.005))
    walk = linked(page, "walk")
    page.goto(view(server, "Traversals", model="fast", digit=7, walk=walk))
    wait_for(large, decoded(model, np.round(z, 2), one_hot(7))[0])
    page.get_by_role("button", name="Back to the start").click()
    wait_for(large, decoded(model, np.zeros(10), one_hot(7))[0])
    page.get_by_role("radio", name="My drawing").click()
    page.get_by_role("link", name="Draw a digit first").wait_for()
    page.get_by_role("radio", name="Test digit").click()
    other = places.of_image(model, image_of_test_set(FIRST_DIGIT))
    wait_for(large, decoded(model, other.z, one_hot(other.digit))[0])
    switch_view_and_back(page, "Traversals")  # The link's z is of another start.
    wait_for(large, decoded(model, other.z, one_hot(other.digit))[0])
    page.get_by_role("radio", name="Prior mean").click()
    wait_for(large, decoded(model, np.zeros(10), one_hot(other.digit))[0])
    first.press("Home")
    wait_until(lambda: linked(page, "walk"))
    page.get_by_role("button", name="Use in Generate").click()
    page.get_by_text("Latent knobs").wait_for()
    slider = page.locator(f".st-key-z{order[0]} input")
    wait_until(lambda: slider.count() and slider.input_value() == "-3")


def test_a_sheet_follows_the_sliders_of_the_other_dimensions(page, server, model):
    page.goto(view(server, "Sheet", model="fast", digit=4, x="z1", y="z6", walk="1,2"))
    canvas, large = page.locator(".field canvas"), page.locator("canvas.large")
    z = np.zeros(10, np.float32)
    axis = even_steps(sheet.SIDE)
    wait_for(canvas, sheet_of(model, z, one_hot(4), 1, 6, axis))
    page.get_by_text("walk must be 10 numbers").wait_for()
    page.get_by_role("radio", name="Quantiles").click()
    page.get_by_text("walk must be 10 numbers").wait_for(state="detached")  # Is said once.
    page.get_by_role("radio", name="Even").click()
    assert not violations(page)
    page.get_by_role("slider", name="z3").fill("-2.5")
    z[3] = -2.5
    wait_for(canvas, sheet_of(model, z, one_hot(4), 1, 6, axis))
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 19.5 / 20, box["y"] + box["height"] * 2.5 / 20)
    z[1], z[6] = axis[19], axis[17]
    wait_for(large, decoded(model, z, one_hot(4))[0])
    page.mouse.down()
    page.mouse.up()
    page.locator(".field").press("ArrowLeft")
    z[1] = axis[18]
    page.mouse.move(0, 0)
    wait_for(large, decoded(model, z, one_hot(4))[0])
    page.get_by_role("radio", name="Quantiles").click()
    page.get_by_role("radio", name="9", exact=True).click()
    wait_for(canvas, sheet_of(model, z, one_hot(9), 1, 6, by_probability(sheet.SIDE)))


def test_a_finger_on_the_sheet_scrolls_the_page_or_sets_the_point(browser, server):
    with visit(browser, view(server, "Sheet", model="plane"), PHONE, touch=True) as page:
        page.locator("[data-ready]").wait_for()
        field, main = page.locator(".field"), page.locator("[data-testid=stMain]")
        field.scroll_into_view_if_needed()
        at_rest(page)

        def state():
            z = field.get_attribute("aria-valuetext")
            return z, main.evaluate("main => main.scrollTop")

        def spot():
            box = field.bounding_box()
            return box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"]

        z, top = state()
        x, y = spot()
        fingers(page, *([(x, y + 100 - 15 * i)] for i in range(8)))
        wait_until(lambda: state()[1] != top)
        at_rest(page)
        wait_until(lambda: main.evaluate(STILL))
        assert state()[0] == z
        x, y = spot()
        top = state()[1]
        page.touchscreen.tap(x, y)
        wait_until(lambda: state()[0] != z)
        tapped = state()[0]
        session = fingers(page, [(x + 30, y)], lift=False)
        wait_until(lambda: state()[0] != tapped)  # Held until it is followed.
        fingers(page, *([(x + 30, y + 10 * i)] for i in range(1, 6)), session=session)
        wait_until(lambda: state()[0].split(", ")[1] != tapped.split(", ")[1])
        assert state()[1] == top


def test_a_morph_is_the_same_in_the_browser_and_in_its_files(page, server, model):
    start, end = (places.of_image(model, image_of_test_set(i)) for i in (1, 8))
    address = view(
        *(server, "Morph"),
        **{"model": "fast", "start_from": "Test+digit", "start_digit": 1, "end_digit": 8},
    )
    page.goto(f"{address}&path=Spherical&at=0.5")
    strip, large = page.locator(".strip canvas"), page.locator("canvas.large").first
    way = morph.Way(start, end, True)
    wait_for(strip, morph.strip(model, way)[None])
    middle = morph.images(model, way, np.float32([0.5]))[0]
    wait_for(large, middle)
    fade = (model.predict(start.x).reconstructed + model.predict(end.x).reconstructed) / 2
    wait_for(page.locator("canvas.large").nth(1), fade)
    assert not violations(page)
    for name in ("GIF", "WebP", "APNG"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        with Image.open(download.value.path()) as file:
            assert file.n_frames == 2 * (morph.STEPS - 1) and file.info["loop"] == 0
            file.seek((morph.STEPS - 1) // 2)
            frame = np.asarray(file.convert("L"))[4::8, 4::8].reshape(784) / 255
        assert np.abs(frame - middle).max() < 1.5 / 255
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG strip").click()
    with Image.open(download.value.path()) as file:
        expected = grid([morph.strip(model, way)], scale=4, gap=8)
        assert np.array_equal(np.asarray(file), expected)
    page.get_by_role("radio", name="Linear").click()
    wait_for(strip, morph.strip(model, morph.Way(start, end, False))[None])
    page.get_by_text("50 % of the way").wait_for()  # Another way is not begun anew.
    # With other ends a morph plays, also in a new element.
    switch_view_and_back(page, "Morph")
    page.locator(".strip").wait_for()
    wait_until(lambda: linked(page, "at") is None)
    page.get_by_role("radio", name="Label").click()
    # Once the new way has come: it would start anew after the key.
    new_way = morph.Way(start, end._replace(z=start.z), False)
    wait_for(strip, morph.strip(model, new_way)[None])
    page.locator(".strip [role=slider]").press("End")
    wait_for(large, decoded(model, start.z, end.digit_prob)[0])
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").click()
    wait_until(lambda: linked(page, "at") is None or float(linked(page, "at")) < 1)


def test_a_difference_of_styles_is_added(page, server, model):
    start = places.of_image(model, image_of_test_set(5))
    latents, _ = model.encode(first_test_examples().x)
    options = {"model": "fast", "image_from": "Test+digit", "image_digit": 5}
    page.goto(view(server, "Arithmetic", **options, amount=-0.5))
    strip, after = page.locator(".result .track canvas"), page.locator("canvas.large").nth(1)
    groups = arithmetic.ready_made("Slant")
    difference = latents[groups.plus].mean(0) - latents[groups.minus].mean(0)
    pictures = strip_of(model, start, difference)
    wait_for(strip, pictures[None])
    wait_for(page.locator("canvas.large").first, model.predict(start.x).reconstructed)
    wait_for(after, pictures[3])
    page.locator(".result [role=slider]").press("End")
    wait_for(after, pictures[8])
    z = np.tile(start.z + 2 * difference, (10, 1))
    wait_for(page.locator(".all canvas"), model.decode(z, one_hot(range(10)))[None])
    page.get_by_role("radio", name="My own").click()
    for number, clicks in ((0, 1), (2, 1), (4, 2), (6, 3)):
        for _ in range(clicks):
            page.get_by_role("button", name=f"Test digit {number}, ").click()
    difference = latents[[0, 2]].mean(0) - latents[4]
    own = strip_of(model, start, difference)
    wait_for(strip, own[None])
    wait_until(lambda: (linked(page, "plus"), linked(page, "minus")) == ("0,2", "4"))
    assert not violations(page)
    page.get_by_role("radio", name="3", exact=True).click()
    page.get_by_role("button", name="labelled 3").first.wait_for()
    wait_for(strip, own[None])
    page.get_by_role("radio", name="Morph").click()
    page.locator(".strip").wait_for()
    page.get_by_role("radio", name="Arithmetic").click()
    page.get_by_role("radio", name="My own").click()
    wait_for(strip, own[None])
    page.goto(view(server, "Arithmetic", **options, set="My+own", plus="0,2", minus="4,x"))
    page.get_by_text("minus must be numbers separated by commas").wait_for()
    wait_for(strip, strip_of(model, start, latents[[0, 2]].mean(0))[None])


def untrained(**changes):
    """A model with random weights that are large enough for its digits to differ."""
    params = Params(**(PRESETS["fast"].model_dump() | changes))
    rng = np.random.default_rng(0)
    return TrainedVAE(
        params,
        {
            name: np.float32(rng.standard_normal(size) * 2 / np.sqrt(size[0]))
            for name, size in shapes(params).items()
        },
    )


def test_any_number_of_dimensions_and_no_labels(page, server):
    folder = server.home / "weights"
    folder.mkdir(exist_ok=True)
    for z_dim in (1, 2, 32):
        save(folder / f"bare{z_dim}.safetensors", untrained(z_dim=z_dim, decoder_sees="nothing"))
    page.goto(view(server, "Sheet", model="bare2"))
    canvas = page.locator(".field canvas")
    axis = even_steps(sheet.SIDE)
    for z_dim in (2, 1, 32):
        model = load(folder / f"bare{z_dim}.safetensors")
        order = [int(knob[1:]) for knob in knobs.strongest(f"bare{z_dim}", model)]
        page.goto(view(server, "Sheet", model=f"bare{z_dim}"))
        zeros, prob = np.zeros(z_dim, np.float32), one_hot(0)
        up = order[1] if z_dim > 1 else None
        wait_for(canvas, sheet_of(model, zeros, prob, order[0], up, axis))
        at_rest(page)
        whole = page.get_by_text("the whole latent space")
        wait_until(lambda whole=whole, z_dim=z_dim: whole.count() == (z_dim < 3))
        assert not page.get_by_text("Digit that the decoder is given").count()
    page.set_viewport_size(dict(zip(("width", "height"), PHONE, strict=True)))
    for name in ("Traversals", "Sheet", "Morph", "Arithmetic"):
        page.get_by_role("radio", name=name).click()
        page.locator("[data-ready]").last.wait_for()  # The one before is leaving.
        at_rest(page)
        narrow_enough(page)
    assert not heading(page, "Error").count()
    for z_dim in (1, 2, 32):
        (folder / f"bare{z_dim}.safetensors").unlink()
