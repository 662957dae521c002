"""The Generate page: the picture that the browser draws, and what sets it."""

import base64
import io
import json
import re
from itertools import pairwise

import numpy as np
import pytest
from browsing import PHONE, SEVEN, at_rest, draw, go_to, heading, inside, picture, pixels, visit
from conftest import wait_until
from PIL import Image
from streamlit.testing.v1 import AppTest

from ui.generate import choices as chosen
from ui.generate.knobs import NEAR_START
from ui.live.generate import grid as live_grid
from vae import TrainedVAE, load, save, settings
from vae.images import grid
from vae.model.latent import decode_grid, digits_own, effect, sample_around, traverse

GENERATE = "pages/generate.py"
ALT = "A grid of generated digits"


@pytest.fixture
def app(home):
    test = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=120)
    yield test
    assert not test.exception


def warnings(app):
    return " ".join(e.value for e in app.warning).replace("\\", "")


def words(app):
    return "\n".join(e.value for e in [*app.markdown, *app.caption])


def button(app, label):
    return next(b for b in app.button if b.label == label)


def given(app):
    """What the picture in the browser is given."""
    protos = [e.proto for e in app.get("bidi_component")]
    return next(json.loads(p.json) for p in protos if "eps" in p.json)


def image(app):
    """The picture that the server draws: the first of a visit, or where the browser cannot."""
    (shown,) = [e.proto.body for e in app.get("html") if ALT in e.proto.body]
    return decoded(shown.split("base64,")[1].split('"')[0])


def decoded(png):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))


def knobs(app):
    return [app.slider(key=f"z{i}").value for i in range(10)]


@pytest.mark.parametrize("live", [True, False])
def test_the_grid_is_what_the_knobs_say(app, live):
    model = load("conv")
    app.run()
    app.session_state["live_failed"] = not live
    app.switch_page(GENERATE).run()
    z = np.zeros(10, np.float32)
    contrast = app.slider(key="contrast_conv").value
    assert contrast == round(model.metrics["contrast"], 1)
    expected = decode_grid(model, range(10), sample_around(z, 8, 1.0, 0), contrast)
    assert np.array_equal(image(app), grid(expected, gap=2))
    if live:
        return

    app.slider(key="z3").set_value(1.5)
    app.segmented_control(key="source").set_value("Digit's own")
    app.run()
    z[3] = 1.5
    own = digits_own(model.digit_gaussians, range(10), sample_around(z, 8, 1.0, 0))
    expected = decode_grid(model, range(10), own, contrast)
    assert np.array_equal(image(app), grid(expected, gap=2))

    app.segmented_control(key="columns").set_value("Sweep")
    app.run()
    app.selectbox(key="knob").set_value("z2")
    app.slider(key="count").set_value(5)
    app.slider(key="contrast_conv").set_value(1.0)
    app.run()
    expected = decode_grid(model, range(10), traverse(z, 5, 2))
    assert np.array_equal(image(app), grid(expected, gap=2))
    assert app.slider(key="z2").disabled and app.slider(key="z2").label == "z2, swept"
    assert not app.slider(key="z3").disabled

    app.segmented_control(key="columns").set_value("Pad")
    app.run()
    expected = decode_grid(model, range(10), z[None]).reshape(2, 5, -1)
    assert np.array_equal(image(app), grid(expected, gap=2))


def test_a_turned_knob_sends_the_picture_nothing(app):
    app.run()
    app.switch_page(GENERATE).run()
    before = given(app)
    app.session_state["drawn_model"] = before["model"]
    app.slider(key="z3").set_value(1.5)
    app.slider(key="spread").set_value(0.5)
    app.slider(key="count").set_value(3)
    app.run()
    assert given(app) == before
    app.number_input(key="seed").set_value(7)
    app.run()
    assert given(app)["eps"] != before["eps"]
    assert not [e for e in app.get("html") if ALT in e.proto.body]
    app.number_input(key="seed").set_value(0)
    app.run()
    assert given(app) == before


def test_until_the_browser_draws_the_server_draws_what_is_asked_for(app):
    model = load("conv")
    app.run()
    app.switch_page(GENERATE).run()
    contrast = app.slider(key="contrast_conv").value
    for turned in (1.5, 0.0):
        if turned:
            app.slider(key="z3").set_value(turned)
        else:
            button(app, "Reset").click()
        app.run()
        z = np.zeros(10, np.float32)
        z[3] = turned
        expected = decode_grid(model, range(10), sample_around(z, 8, 1.0, 0), contrast)
        assert np.array_equal(image(app), grid(expected, gap=2))


def test_digits_without_a_row_of_their_own_are_in_lines():
    assert chosen._in_lines(np.ones((7, 784), np.float32)).shape == (2, 5, 784)
    assert chosen._in_lines(np.ones((7, 784), np.float32)).sum() == 7 * 784
    assert chosen._in_lines(np.ones((3, 784), np.float32)).shape == (1, 3, 784)


def test_each_model_starts_with_its_own_contrast(app):
    app.run()
    app.switch_page(GENERATE).run()
    for name in ("classic", "fast", "conv"):
        app.selectbox(key="model").set_value(name)
        app.run()
        assert app.slider(key=f"contrast_{name}").value == round(load(name).metrics["contrast"], 1)


def test_surprise_and_reset(app):
    app.run()
    app.switch_page(GENERATE).run()
    button(app, "Surprise me").click()
    app.run()
    assert len(set(knobs(app))) > 3 and max(map(abs, knobs(app))) <= 3
    button(app, "Reset").click()
    app.run()
    assert knobs(app) == [0] * 10


def test_the_knobs_are_in_the_order_of_their_effect_and_have_names(app):
    model = load("conv")
    app.run()
    app.switch_page(GENERATE).run()
    sliders = [s for s in app.slider if re.fullmatch(r"z\d+", s.key)]
    effects = effect(model)
    assert all(effects[int(a.key[1:])] >= effects[int(b.key[1:])] for a, b in pairwise(sliders))
    named = {s.key: s.label for s in sliders}
    assert named["z0"] == f"{model.knob_names[0]} (z0)"

    app.session_state["naming"] = True
    app.run()
    app.text_input(key="name_conv_z9").set_value("loops")
    app.run()
    assert app.slider(key="z9").label == "loops (z9)"
    assert load("conv").knob_names[9] == "loops", "they are kept with the model"
    app.text_input(key="name_conv_z9").set_value("*")
    app.run()
    assert "A knob's name is 1 to 20 letters" in app.error[0].value
    assert app.slider(key="z9").label == "loops (z9)"


def test_start_from_a_test_digit(app):
    app.run()
    app.switch_page(GENERATE).run()
    button(app, "A test digit").click()
    app.run()
    assert "Started from a" in words(app) and "of the test set" in words(app)
    assert app.slider(key="spread").value == NEAR_START
    start = app.session_state["start"]
    mu = load("conv").predict(start.x).mu
    assert np.allclose(knobs(app), np.clip(mu, -3, 3), atol=0.051)
    button(app, "Reset").click()
    app.run()
    assert "of the test set" not in words(app) and app.slider(key="spread").value == 1


def test_a_z_without_a_drawing_is_of_no_style(app):
    app.run()
    button(app, "Clear").click()
    app.run()
    app.switch_page(GENERATE).run()
    button(app, "A test digit").click()
    app.run()
    app.session_state["from_drawing"] = True
    app.run()
    assert "Started from" not in words(app) and app.slider(key="spread").value == 1


def test_my_drawing_needs_a_drawing(app):
    app.run()
    app.switch_page(GENERATE).run()
    assert button(app, "My drawing").disabled
    assert "Draw a digit on Draw" in words(app)


def test_a_model_without_gaussians_says_so(app):
    classic = load("classic")
    settings.MODELS.mkdir(parents=True)
    save(
        settings.MODELS / "older.safetensors",
        TrainedVAE(classic.params, classic.tensors, classic.metrics),
    )
    app.query_params["model"], app.query_params["source"] = "older", "Digit's own"
    app.switch_page(GENERATE).run()
    assert app.segmented_control(key="source").disabled
    assert "need a model that was trained in this version" in words(app)
    assert "source must be one of Prior, not 'Digit's own'. Shown: Prior." in warnings(app)


@pytest.mark.parametrize(
    ("key", "value", "warning"),
    [
        ("z0", "99", "z0 must be between -3 and 3, not '99'. Shown: 0.0."),
        ("z0", "nan", "z0 must be between -3 and 3, not 'nan'. Shown: 0.0."),
        ("z31", "1", "This model has no z31: its z has 10 dimensions."),
        ("seed", "-1", "seed must be between 0 and 9999, not '-1'. Shown: 0."),
        ("digits", "x", "not 'x'. Shown: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9."),
        ("count", "1e9", "count must be between 1 and 12, not '1e9'. Shown: 8."),
        ("columns", "both", "must be one of Sample, Sweep, Pad, not 'both'. Shown: Sample."),
        ("source", "me", "source must be one of Prior, Digit's own, not 'me'. Shown: Prior."),
        ("model", "*x*", "There is no model '*x*'. Shown: conv."),
        ("use", "x", "There is no model 'x'. Shown: conv."),
        ("contrast_conv", "9", "contrast_conv must be between 1 and 4, not '9'. Shown: 1.8."),
        ("ink_conv", "9", "contrast_conv must be between 1 and 4, not '9'. Shown: 1.8."),
    ],
)
def test_a_link_to_what_does_not_exist_says_so(app, key, value, warning):
    app.query_params[key] = value
    app.switch_page(GENERATE).run()
    assert warning in warnings(app)
    assert r"\*x\*" in app.warning[0].value or "*" not in value
    assert image(app).shape == (10 * 30 - 2, 8 * 30 - 2)
    app.run()
    assert app.selectbox(key="model").value == "conv"


@pytest.mark.parametrize(
    ("mode", "key", "shown"),
    [("Sweep", "knob", "z0"), ("Pad", "across", "z8"), ("Pad", "up", "z0")],
)
def test_a_knob_that_does_not_exist_is_named(app, mode, key, shown):
    app.query_params["columns"], app.query_params[key] = mode, "z31"
    app.switch_page(GENERATE).run()
    assert f"z9, not 'z31'. Shown: {shown}." in warnings(app)


def test_links_of_earlier_versions_show_the_same(app):
    app.query_params["columns"], app.query_params["ink_conv"] = "swept", "3"
    app.switch_page(GENERATE).run()
    assert app.segmented_control(key="columns").value == "Sweep"
    assert app.selectbox(key="knob").value == "z0"
    assert app.slider(key="contrast_conv").value == 3
    assert not app.warning


@pytest.mark.parametrize("live", [True, False])
def test_no_digits_is_a_sentence(app, live):
    app.run()
    app.session_state["live_failed"] = not live
    app.switch_page(GENERATE).run()
    app.get("button_group")[0].set_value([])
    app.run()
    assert "Choose at least one digit" in app.info[0].value


@pytest.mark.parametrize(
    "report",
    [None, 3, [], {}, {"z0": 1}, {"z0": "1", "z1": 1}]
    + [{"z0": odd, "z1": 1} for odd in (float("nan"), 1e308, -(10**400))],
)
def test_a_forged_report_of_the_pad_sets_nothing(report):
    assert live_grid._checked(report, ["z0", "z1"]) == {}


def test_the_pad_sets_its_knobs_within_their_bounds():
    report = {"z0": 1.4999, "z1": -99, "z2": 1}
    assert live_grid._checked(report, ["z0", "z1"]) == {"z0": 1.5, "z1": -3}


@pytest.mark.parametrize(("z", "value"), [(-0.04, 0), (0.26, 0.3), (-7, -3), (np.float32(9), 3)])
def test_a_knob_has_tenths_within_its_reach(z, value):
    assert str(chosen.knob_value(z)) == str(float(value)), "and no -0"


def canvas(page):
    return page.locator(f"canvas[aria-label='{ALT}']")


def shown(page):
    """The grid as bytes (height, width), once no script runs any more."""
    url = picture(page)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("L"))


def downloaded(page):
    """The grid as the server draws it, with one pixel for each of an image."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download PNG").click()
    return np.asarray(Image.open(download.value.path()))[::4, ::4]


def live(page):
    """Wait until the picture is the browser's own, and the server knows: then it follows a slider
    and the server does not.
    """
    canvas(page).wait_for()
    wait_until(lambda: page.locator(".vae-first").count() == 0)
    wait_until(lambda: page.evaluate("globalThis[Symbol.for('vae-lab')]?.models.size ?? 0"))
    at_rest(page)


def thumb(page, key):
    box = page.locator(f".st-key-{key} [data-testid=stSliderThumbValue]").locator("..")
    box = box.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize(
    "link",
    [
        "z3=1.5&z0=-2&spread=0.7&count=5&seed=3",
        "source=Digit%27s+own&z3=1&digits=2&digits=7&count=12",
        "columns=Sweep&knob=z4&z1=2&contrast_conv=3",
        "columns=Pad&z0=1.2&z8=-1",
    ],
)
def test_the_browser_draws_what_the_server_draws(browser, server, link):
    with visit(browser, f"{server.url}/generate?{link}") as page:
        live(page)
        expected = downloaded(page).astype(int)
        wait_until(lambda: abs(shown(page).astype(int) - expected).max() <= 2)
        assert expected.max() > 200, "there is something to see"


def test_the_picture_follows_a_drag_and_the_server_hears_of_the_release(browser, server):
    with visit(browser, "about:blank") as page:
        sent, received = [], []
        page.on("websocket", lambda socket: socket.on("framesent", lambda f: sent.append(len(f))))
        page.on(
            "websocket",
            lambda socket: socket.on("framereceived", lambda f: received.append(len(f))),
        )
        page.goto(f"{server.url}/generate?model=fast")
        live(page)
        pictures = [picture(page)]
        sent.clear()
        received.clear()
        x, y = thumb(page, "z0")
        page.mouse.move(x, y)
        page.mouse.down()
        for step in (20, 40, 60):
            page.mouse.move(x + step, y)
            wait_until(lambda: pixels(canvas(page)) not in pictures)
            pictures.append(pixels(canvas(page)))
        assert not sent and not received, "nothing is sent while a slider is dragged"
        page.mouse.up()
        page.wait_for_url(re.compile("z0=[0-9.]+"))
        at_rest(page)
        assert sum(received) < 2500
        assert picture(page) == pictures[-1]


def test_columns_spread_and_contrast_are_followed_during_a_drag(browser, server):
    with visit(browser, f"{server.url}/generate?model=fast") as page:
        live(page)
        for key in ("count", "spread", "contrast_fast"):
            before = picture(page)
            x, y = thumb(page, key)
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x - 25 if key != "contrast_fast" else x + 25, y)
            wait_until(lambda before=before: pixels(canvas(page)) != before)
            page.mouse.up()
            at_rest(page)


def test_knobs_change_the_picture_and_the_link_reproduces_it(browser, server):
    with visit(browser, f"{server.url}/generate") as page:
        live(page)
        first = picture(page)
        # The page may just be drawn anew, since the browser has begun to draw the picture.
        wait_until(lambda: page.get_by_role("slider", name="z0").press("End") or "z0=3" in page.url)
        wait_until(lambda: picture(page) != first)
        turned = picture(page)
        page.get_by_role("button", name="Surprise me").click()
        page.wait_for_url(re.compile("seed="))
        wait_until(lambda: picture(page) != turned)
        surprised = picture(page)
        with visit(browser, page.url) as other:
            wait_until(lambda: picture(other) == surprised)
        go_to(page, "Draw")
        heading(page, "Draw a digit").wait_for()
        go_to(page, "Generate")
        wait_until(lambda: picture(page) == surprised)


def test_the_first_picture_does_not_wait_for_the_model(browser, server):
    with visit(browser, "about:blank") as page:
        page.add_init_script(  # The model never comes.
            """globalThis[Symbol.for("vae-lab")] = {
                models: { get() {}, has() {}, set() {}, delete() {}, keys: () => [] },
                waiting: { get: () => waiting, has: () => true, delete() {}, values: () => [] },
            }
            const waiting = { *[Symbol.iterator]() {}, push: () => { waiters++ } }
            globalThis.waiters = 0"""
        )
        page.goto(f"{server.url}/generate?count=4")
        image = page.get_by_alt_text(ALT)
        wait_until(lambda: image.evaluate("image => image.naturalWidth") == 4 * 30 - 2)
        assert inside(page, image) and not canvas(page).is_visible()
        page.get_by_role("button", name="Surprise me").click()
        page.wait_for_url(re.compile("seed="))
        at_rest(page)
        wait_until(lambda: np.array_equal(decoded(image_text(image)), downloaded(page)))
        assert page.evaluate("waiters") == 1


def image_text(image):
    return image.get_attribute("src").split(",")[1]


def test_another_model_is_drawn_by_the_server_until_it_is_there(browser, server):
    with visit(browser, f"{server.url}/generate?model=fast") as page:
        live(page)
        page.evaluate(
            """() => {
                const hub = globalThis[Symbol.for("vae-lab")]
                hub.models.set = () => {}
                hub.waiting.get = () => []
            }"""
        )
        page.get_by_role("combobox", name="Model").click()
        page.get_by_role("option", name="classic").click()
        page.get_by_role("img", name=ALT).and_(page.locator("img")).wait_for()
        assert not canvas(page).is_visible()


def test_a_knob_is_filled_from_0(browser, server):
    filled = """key => {
        const group = document.querySelector(`.st-key-${key} [role=group]`)
        const [track, thumb] = group.firstElementChild.children
        const bar = getComputedStyle(thumb, "::before")
        const [left, right] = [track, thumb].map(e => e.getBoundingClientRect())
        const middle = box => box.left + box.width / 2
        return [parseFloat(bar.width), middle(right) - middle(left), left.width,
                bar.backgroundColor === getComputedStyle(thumb).backgroundColor]
    }"""
    with visit(browser, f"{server.url}/generate?z0=1.5&z1=-3") as page:
        live(page)
        for key, share in (("z0", 0.25), ("z1", -0.5), ("z2", 0)):
            width, distance, track, same_color = page.evaluate(filled, key)
            assert distance == pytest.approx(share * track, abs=1)
            assert width == pytest.approx(abs(distance), abs=1) and same_color
        x, y = thumb(page, "z2")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 50, y)
        wait_until(lambda: abs(page.evaluate(filled, "z2")[0] - 50) < 6)
        page.mouse.up()


def test_a_slider_of_streamlit_changes_its_value_while_it_is_dragged(browser, server):
    with visit(browser, f"{server.url}/generate") as page:
        live(page)
        slider = page.locator(".st-key-z0 input[type=range]")
        assert slider.count() == 1 and slider.get_attribute("value") == "0"
        assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("-3", "3")
        x, y = thumb(page, "z0")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 30, y)
        wait_until(lambda: float(slider.get_attribute("value")) > 0.3)
        assert page.locator(".st-key-z0 [data-dragging]").count() == 1
        page.mouse.up()
        wait_until(lambda: page.locator(".st-key-z0 [data-dragging]").count() == 0)


@pytest.mark.parametrize(
    "link",
    ["count=1", "count=8", "count=12", "digits=3&count=1", "digits=3&digits=5&count=12"]
    + [f"columns={mode}{digits}" for mode in ("Sweep", "Pad") for digits in ("", "&digits=3")],
)
def test_the_picture_and_its_buttons_fit_into_the_window(browser, server, link):
    with visit(browser, f"{server.url}/generate?{link}") as page:
        canvas(page).wait_for()
        at_rest(page)
        download = page.get_by_role("button", name="Download PNG")
        for width, height in ((1280, 900), (1920, 1080), (1280, 720)):
            page.set_viewport_size({"width": width, "height": height})
            wait_until(lambda: inside(page, canvas(page)) and inside(page, download))
            wait_until(lambda: has_its_shape(canvas(page)))
            if height >= 900:
                wait_until(lambda: inside(page, page.locator(".st-key-knobs")))


def has_its_shape(picture):
    """Whether no side of the canvas is stretched."""
    box = picture.bounding_box()
    natural = picture.evaluate("canvas => canvas.width / canvas.height")
    return box["width"] / box["height"] == pytest.approx(natural, rel=0.02)


def test_on_a_phone_the_picture_stays_in_sight_and_the_knobs_are_in_order(browser, server):
    with visit(browser, f"{server.url}/generate", PHONE, touch=True) as page:
        live(page)
        page.locator(".st-key-z9").scroll_into_view_if_needed()
        at_rest(page)
        box = canvas(page).bounding_box()
        assert inside(page, canvas(page)) and box["height"] < PHONE[1] / 2
        inputs = page.locator(".st-key-knobs input[type=range]")
        places = [box["y"] for box in (i.bounding_box() for i in inputs.all())]
        assert len(places) == 10 and places == sorted(places)
        before = picture(page)
        x, y = thumb(page, "z9")
        page.touchscreen.tap(x + 40, y)
        wait_until(lambda: picture(page) != before)


def test_the_map_behind_the_pad_is_of_the_knobs_on_the_screen(browser, server):
    with visit(browser, f"{server.url}/generate?columns=Pad&across=z2&up=z5", (1280, 900)) as page:
        live(page)
        behind = page.locator("canvas.map")
        wait_until(lambda: behind.evaluate("map => map.width") == 9 * 28)
        wait_until(
            lambda: behind.evaluate(
                "map => map.getContext('2d').getImageData"
                "(0, 0, 252, 252).data.some((v, i) => i % 4 < 3 && v)"
            )
        )
        before = pixels(behind)
        knob = page.locator(".st-key-z8 input")
        knob.press("ArrowRight")
        knob.press("ArrowLeft")
        page.evaluate("new Promise(done => setTimeout(done, 400))")  # Longer than a map's delay.
        assert pixels(behind) == before


def test_the_controls_fit_beside_a_scrollbar_and_on_a_phone(browser, server):
    top = lambda page, key: page.locator(f".st-key-{key}").bounding_box()["y"]  # noqa: E731
    with visit(browser, f"{server.url}/generate", (1265, 900)) as page:
        live(page)
        assert top(page, "columns") == top(page, "source") == top(page, "seed")
    with visit(browser, f"{server.url}/generate", (390, 844)) as page:
        live(page)
        digits = page.locator(".st-key-digits")
        box = digits.bounding_box()
        boxes = [digits.get_by_role("button", name=str(d)).bounding_box() for d in range(10)]
        assert all(b["x"] + b["width"] <= box["x"] + box["width"] for b in boxes)
        assert len({b["y"] for b in boxes}) == 1


def test_the_pad_sets_two_knobs(browser, server):
    with visit(browser, f"{server.url}/generate?columns=Pad&across=z2&up=z5", (1280, 900)) as page:
        live(page)
        pad = page.get_by_role("slider", name="across")
        box = pad.bounding_box()
        at = lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])  # noqa: E731
        before = picture(page)
        page.mouse.move(*at(0.5, 0.5))
        page.mouse.down()
        page.mouse.move(*at(0.75, 0.5))
        wait_until(lambda: pixels(canvas(page)) != before)
        page.mouse.move(*at(0.75, 0.75))
        page.mouse.up()
        page.wait_for_url(re.compile(r"z2=1\.5.*z5=-1\.5|z5=-1\.5.*z2=1\.5"))
        wait_until(lambda: page.locator(".st-key-z2 input").input_value() == "1.5")
        pad.press("ArrowRight")
        pad.press("ArrowUp")
        page.wait_for_url(re.compile(r"z2=1\.6.*z5=-1\.4|z5=-1\.4.*z2=1\.6"))
        at_rest(page)
        turned = picture(page)
        with visit(browser, page.url, (1280, 900)) as other:
            live(other)
            wait_until(lambda: picture(other) == turned)
            there = other.get_by_role("slider", name="across")
            assert "1.6" in there.get_attribute("aria-valuetext")
        page.locator(".st-key-z2 input").press("Home")
        page.wait_for_url(re.compile(r"z2=-3"))
        wait_until(lambda: "-3.0" in pad.get_attribute("aria-valuetext"))


def test_start_from_my_drawing(browser, server):
    with visit(browser, server.url) as page:
        draw(page, SEVEN)
        heading(page, "It is a 7").wait_for()
        go_to(page, "Generate")
        live(page)
        before = picture(page)
        page.get_by_role("button", name="My drawing").click()
        page.get_by_text("Started from your drawing").wait_for()
        page.get_by_alt_text("Started from your drawing").wait_for()
        wait_until(lambda: picture(page) != before)
        mine = picture(page)
        with visit(browser, page.url) as other:
            wait_until(lambda: picture(other) == mine)


def test_where_the_picture_cannot_be_drawn_the_server_draws_it(browser, server):
    with visit(browser, "about:blank") as page:
        page.add_init_script(
            "CanvasRenderingContext2D.prototype.putImageData = () => { throw Error('no') }"
        )
        page.goto(f"{server.url}/generate")
        image = page.get_by_alt_text(ALT)
        image.wait_for()
        before = image.get_attribute("src")
        assert before.startswith("data:image/png")
        knob = page.get_by_role("slider", name="z0")
        knob.focus()
        knob.press("ArrowRight")
        page.wait_for_url(re.compile(r"z0=0\.1"))
        wait_until(lambda: image.get_attribute("src") != before)


def test_the_link_to_a_picture_is_copied(browser, server):
    with visit(browser, f"{server.url}/generate?z0=1.5") as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        picture(page)
        page.get_by_role("button", name="Copy link to this picture").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == page.url
