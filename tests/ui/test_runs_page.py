"""The runs page: what its table says, and what its buttons do."""

import csv
import io
import json
import re
import shutil
from contextlib import contextmanager

import pytest
from conftest import TIMEOUT, wait_until
from filelock import FileLock
from streamlit.testing.v1 import AppTest

from ui.components.curves import kl_bars, learning_curve
from ui.runs import table
from ui.runs.overlay import MAX_LINES, overlay
from vae import Params, load, settings
from vae.files.registry import available
from vae.runs import dispatcher, queue, store
from vae.runs.run import Run

RUNS = "../pages/runs.py"
POINT = {
    "event": "point",
    "steps": 600,
    "loss": 9.0,
    "recon": 5.0,
    "kl": 2.0,
    "cls": 0.2,
    "examples_per_second": 5e4,
}


@pytest.fixture
def app(home, monkeypatch):
    monkeypatch.setattr(dispatcher, "ensure_dispatcher", lambda: None)
    app = AppTest.from_file(str(settings.ROOT / "ui/main.py"), default_timeout=120).run()
    yield app
    assert not app.exception


def made(name, second, losses=(40.0, 35.0, 33.0, 32.5), end="finished", home=None, **params):
    """A run that was, with these losses on the test set after epoch 0 and after each other."""
    folder = (home or settings.HOME) / "runs" / f"{name}-20260101-0000{second:02d}"
    folder.mkdir(parents=True)
    (folder / "params.json").write_text(Params(**params).to_json())
    events = [
        {"event": "worker_started", "pid": 1, "host": "here"},
        {"event": "training_started", "epoch": 1, "step": 0, "steps": 600},
    ]
    for epoch, loss in enumerate(losses):
        terms = ("loss", "recon", "kl", "cls")
        figures = {f"val_{term}": loss for term in terms} | {"val_accuracy": 0.9}
        if epoch:
            events.append({"epoch": epoch, "step": 600, **POINT})
            figures |= dict.fromkeys(terms, loss)
        epoch_events = {
            "figures": {"epoch": epoch, **figures},
            "kl_per_dimension": [0.5, 0.001],
            "active": [True, False],
            "confusion": [[1] * 10] * 10,
        }
        events.append({"event": "epoch", **epoch_events})
    events.append({"event": end, "message": f"{end.capitalize()}; it is saved."})
    lines = [json.dumps({"at": 1.0, **event}) for event in events]
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n")
    return Run(folder)


def show(app, *chosen):
    """The page with these rows ticked."""
    app.switch_page(RUNS)
    app.session_state["table"] = {"selection": {"rows": list(chosen)}}
    return app.run()


def press(app, label, number=0):
    [b for b in app.button if b.label == label][number].click()
    return app.run()


def words(app):
    return "\n".join(e.value for e in [*app.markdown, *app.caption])


SHIPPED = ["classic", "fast", "conv", "plane", "unlabelled"]
"""The runs that come with the app; they are below all others."""


def own(app, column):
    """A column of the table without the runs that come with the app."""
    values = app.dataframe[0].value[column].tolist()
    assert app.dataframe[0].value["title"].tolist()[-len(SHIPPED) :] == SHIPPED
    return values[: -len(SHIPPED)]


def shaded(app):
    """The cells that are shaded: (row, column)."""
    styles = app.dataframe[0].proto.arrow_data.styler.styles
    return {tuple(map(int, cell)) for cell in re.findall(r"row(\d+)_col(\d+)", styles)}


def test_the_page_of_a_new_server_has_the_trainings_of_the_shipped_models(app):
    app.switch_page(RUNS).run()
    shown = app.dataframe[0].value
    assert shown["title"].tolist() == SHIPPED
    assert shown["state"].tolist() == ["ships with the app"] * len(SHIPPED)
    assert shown["accuracy"].tolist() == [load(name).metrics["accuracy"] for name in SHIPPED]
    assert "Runs that are trained here are added to this table" in words(app)
    show(app, 0)
    assert {"Delete", "Save"}.isdisjoint(b.label for b in app.button)
    assert "python -m vae train --preset classic" in app.code[0].value
    show(app, 0, 1)
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert spec["title"] == "Loss" and "classic" in json.dumps(spec["encoding"])
    assert "Delete" not in [b.label for b in app.button]
    lines = io.StringIO(table.csv(table.frame(store.shipped_summaries())).decode())
    assert len(list(csv.DictReader(lines))) == len(SHIPPED)


def test_the_table_shows_in_what_runs_differ(app):
    made("a", 1, z_dim=2, losses=(40.0, 30.0, 25.0, 22.5))
    made("b", 2, z_dim=10, seed=1, kl_weight=0.5)
    made("c", 3, z_dim=10, encoder_filters=(8, 16))
    made("d", 4, z_dim=10, end="stopped", losses=(40.0, 35.0, 34.0))
    show(app)
    shown = app.dataframe[0].value
    assert own(app, "title") == ["d", "c", "b", "a"]
    assert own(app, "state") == ["stopped", *["finished"] * 3]
    assert own(app, "epoch") == [2, 3, 3, 3]
    assert own(app, "loss")[-1] == 22.5
    assert own(app, "encoder_filters")[1] == "8, 16"
    differ = ["encoder_filters", "z_dim", "kl_weight", "seed"]
    assert shown.columns.tolist() == [*table._ALWAYS, *differ]
    column = len(table._ALWAYS)
    assert shaded(app) == {(1, column), (3, column + 1), (2, column + 2), (2, column + 3)}
    assert "Shaded: values that differ from those of most runs." in words(app)

    show(app, 1, 3)
    assert app.dataframe[0].value.columns.tolist() == [
        *table._ALWAYS,
        *("encoder_filters", "z_dim"),
    ]
    assert "9 runs, 2 chosen" in words(app)
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert spec["title"] == "Loss"
    assert not shaded(app) and "Shaded" not in words(app), "of two values none is unusual"
    app.segmented_control(key="term").set_value("accuracy")
    app.run()
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert spec["title"] == "Accuracy"
    show(app, 0, 1, 3)
    assert shaded(app) == {(1, column), (3, column + 1)}
    assert "Shaded: values that differ from those of most of them." in words(app)


def test_one_run_is_compared_with_those_that_ship(app):
    app.switch_page(RUNS).run()
    before = app.dataframe[0].value.columns.tolist()
    made("a", 1)
    app.run()
    assert app.dataframe[0].value.columns.tolist() == before and "z_dim" in before


def test_a_link_names_a_run_and_the_choice_stays_while_other_pages_are_seen(app):
    made("a", 1)
    app.query_params["run"] = "nope"
    app.switch_page(RUNS).run()
    assert app.warning[0].value == "There is no run 'nope'. Shown: all runs."
    app.run()
    assert not app.warning and "## 6 runs" in words(app).split("\n")
    app.query_params["run"] = "a-20260101-000001"
    app.run()
    assert "6 runs, one chosen" in words(app) and not app.query_params.get("run")
    app.switch_page("../pages/draw.py").run()
    app.switch_page(RUNS).run()
    assert "6 runs, one chosen" in words(app)
    assert app.text_input(key="title_a-20260101-000001")


def test_the_csv_has_every_figure_and_parameter(home):
    made("a", 1, decoder_layers=(64, 32)).describe('Say "a, b"', "two\nlines")
    (row,) = csv.DictReader(io.StringIO(table.csv(table.frame(store.summaries())).decode()))
    assert row["title"] == 'Say "a, b"' and row["note"] == "two\nlines"
    assert row["decoder_layers"] == "64, 32" and float(row["loss"]) == 32.5
    assert set(Params.model_fields) < set(row) and row["id"] == "a-20260101-000001"


def test_no_text_in_the_csv_is_a_formula(home):
    for i, begin in enumerate(("=", "+", "-", "@", "\t", "\r", "a")):
        made(f"r{i}", i)
        about = settings.RUNS / f"r{i}-20260101-00000{i}" / "about.json"
        about.write_text(json.dumps({"title": f"{begin}1", "note": f"{begin}cmd"}))
    text = table.csv(table.frame(store.summaries())).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert rows[0]["title"] == "a1" and rows[0]["note"] == "acmd"
    assert [row["title"][0] + row["note"][0] for row in rows[1:]] == ["''"] * 6


def test_a_damaged_run_is_a_row_that_can_be_deleted(app):
    kept, damaged = made("a", 1), made("b", 2)
    (damaged.folder / "params.json").write_text('{"z_dim": 0}')
    show(app, 0)
    assert own(app, "state") == ["damaged", "finished"]
    assert "z_dim must be" in own(app, "note")[0]
    assert "cannot be read" in app.error[0].value
    show(app, 0, 1)
    assert not app.exception, "it can be chosen beside others"
    assert b"damaged" in table.csv(table.frame(store.summaries()))
    show(app, 0)
    press(app, "Delete this run")
    assert store.list_ids() == [kept.id] and not app.error


def test_a_damaged_model_that_ships_cannot_be_deleted(app, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    for name in SHIPPED:
        shutil.copy(settings.SHIPPED / f"{name}.safetensors", shipped)
    monkeypatch.setattr(settings, "SHIPPED", shipped)
    (shipped / "classic.safetensors").write_bytes(b"nonsense")
    show(app, 0)
    assert app.dataframe[0].value["state"].tolist()[0] == "damaged"
    assert "damaged" in app.error[0].value
    assert "Delete this run" not in [b.label for b in app.button]
    assert "## 5 runs, one chosen" in words(app)


def test_a_run_that_became_worse_does_not_end_in_green(app):
    good = made("good", 1)
    bad = made("bad", 2, losses=(40.0, 30.0, 20.0, 8600.0))
    app.query_params["run"] = bad.id
    app.switch_page("../pages/train.py").run()
    assert not app.success
    for part in ("Finished; it is saved.", "rose from 20 (epoch 2) to 8,600", "that of epoch 2"):
        assert part in app.warning[0].value
    app.selectbox(key="run").set_value(good.id)
    app.run()
    assert app.success[0].value == "Finished; it is saved."


def test_what_could_not_be_read_of_a_run_is_a_warning(app):
    run = made("a", 1)
    with (run.folder / "events.jsonl").open("a") as log:
        log.write("nonsense\n")
    app.query_params["run"] = run.id
    app.switch_page("../pages/train.py").run()
    assert "Line " in app.warning[0].value
    assert app.success


def test_a_log_with_little_in_it_is_shown_as_far_as_it_goes(app):
    run = made("a", 1)
    log = run.folder / "events.jsonl"
    first, _, epoch, *_ = log.read_text().splitlines()
    epoch = json.loads(epoch) | {"figures": {"epoch": 0, "val_loss": 3.5}, "kl_per_dimension": []}
    log.write_text(f"{first}\n{json.dumps(epoch)}\n")
    app.query_params["run"] = run.id
    app.switch_page("../pages/train.py").run()
    assert "before the training: loss 3.50 · 1 of 10 dimensions of z in use" in words(app)
    app.session_state["details"] = True
    app.run()
    assert b"3.5" in table.csv(table.frame(store.summaries()))
    show(app, 0)


def test_dimensions_in_use_have_one_definition(app):
    run = made("a", 1, z_dim=2)
    app.query_params["run"] = run.id
    app.switch_page("../pages/train.py").run()
    assert "1 of 2 dimensions of z in use" in words(app)
    rows = kl_bars([0.5, 0.001], run.status().history.active[-1], 0.5)["data"]["values"]
    assert [row["used"] for row in rows] == [True, False]
    assert rows[1]["height"] > rows[1]["kl"], "a collapsed dimension is a stump, not nothing"


def test_a_run_that_is_measured_says_so(app):
    run = made("a", 1)
    log = run.folder / "events.jsonl"
    *lines, _ = log.read_text().splitlines()
    measuring = json.dumps({"at": 1.0, "event": "measuring"})
    log.write_text("\n".join([*lines, measuring]) + "\n")
    app.query_params["run"] = run.id
    with FileLock(run.folder / "lock"):
        app.switch_page("../pages/train.py").run()
        assert "Measuring the model on the test set" in app.get("progress")[0].proto.text
        shown = {b.label: b for b in app.button}
        assert all(shown[label].disabled for label in ("Pause", "Step", "Stop"))
        assert "Resume" not in shown


def test_the_axis_of_a_curve_has_room_and_short_numbers():
    one = learning_curve("loss", [], [(0, 399.026947)], 20)
    x, y = one["encoding"]["x"], one["layer"][0]["encoding"]["y"]
    low, high = y["scale"]["domain"]
    assert low < 399 < high and y["axis"]["format"] == ",.4~r"
    assert x["scale"]["padding"] > 0 and x["axis"]["format"] == "d"
    assert one["layer"][0]["encoding"]["color"]["legend"]["orient"] == "top"
    assert not any(layer["mark"].get("clip") for layer in one["layer"])


def test_a_run_is_named_and_annotated(app):
    run = made("a", 1)
    show(app, 0)
    app.text_input(key=f"title_{run.id}").set_value("My *best* <b>one</b>")
    app.text_area(key=f"note_{run.id}").set_value("Try again with β = 2.")
    press(app, "Save")
    assert store.get(run.id).title == "My *best* <b>one</b>"
    assert store.get(run.id).note == "Try again with β = 2."
    assert own(app, "note") == ["Try again with β = 2."]
    assert own(app, "title") == ["My *best* <b>one</b>"]
    assert r"My \*best\* \<b\>one" in words(app)
    assert "python -m vae train --preset classic" in app.code[0].value
    app.text_input(key=f"title_{run.id}").set_value("x" * 81)
    press(app, "Save")
    assert app.error[0].value == "A title has at most 80 characters, this one 81."
    assert store.get(run.id).title == "My *best* <b>one</b>" and not app.toast


def test_runs_wait_in_a_line_that_can_be_changed(app, monkeypatch):
    made("mine", 1)
    second, third = (store.start(Params(), name) for name in ("second", "third"))
    show(app, 2)
    assert "In the queue: 2" in words(app) and "8 runs, one chosen" in words(app)
    fourth = store.start(Params(), "fourth")
    app.run()
    assert "9 runs, one chosen" in words(app)
    assert app.text_input(key="title_mine-20260101-000001"), "the choice follows the run"
    fourth.stop()
    app.run()

    app.button(key=f"Sooner_{third.id}").click()
    app.run()
    assert queue.ids() == [third.id, second.id]

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(queue, "atomic_write", full)
        app.button(key=f"Later_{third.id}").click()
        app.run()
    assert app.error[0].value == "That cannot be done: No space left on device."
    app.button(key=f"Cancel_{third.id}").click()
    app.run()
    assert queue.ids() == [second.id] and third.status().state == "stopped"
    assert not app.error


def test_a_run_is_deleted_unless_it_is_being_trained(app):
    kept, gone = made("a", 1), made("b", 2)
    show(app, 0)
    with FileLock(gone.folder / "lock"):
        press(app, "Delete this run")
        assert app.error[0].value == "It is being trained; stop it first."
    press(app, "Delete this run")
    assert store.list_ids() == [kept.id] and not app.error
    assert "## 6 runs" in words(app).split("\n"), "the other run has not been chosen in its place"
    made("c", 3)
    show(app)
    show(app, 0, 1)
    press(app, "Delete these 2 runs")
    assert store.list_ids() == [] and "Runs that are trained here are added" in words(app)


def test_a_model_is_saved_into_the_picker(app):
    run = made("a", 1)
    show(app, 0)
    assert "Add to models" not in [b.label for b in app.button]
    for path in (run.best, run.last):
        shutil.copy(settings.SHIPPED / "classic.safetensors", path)
    show(app, 0)
    name = app.text_input(key=f"name_{run.id}")
    name.set_value("classic")
    press(app, "Add to models")
    assert "There is a model named 'classic' already" in app.error[0].value
    app.text_input(key=f"name_{run.id}").set_value("The Best")
    press(app, "Add to models")
    assert "A model's name is" in app.error[0].value
    app.text_input(key=f"name_{run.id}").set_value("the-best")
    press(app, "Add to models")
    assert not app.error and "the-best" in available()
    assert "the-best" in app.selectbox(key="model").options
    assert load("the-best").params == load("classic").params


def test_the_overlay_tells_lines_apart():
    points = [(1, 2.0), (2, 1.0)]
    spec = overlay("loss", {f"run {i}": points for i in range(MAX_LINES + 5)})
    assert len(spec["data"]["values"]) == 2 * MAX_LINES
    color = spec["encoding"]["color"]["scale"]
    dash = spec["layer"][0]["encoding"]["strokeDash"]["scale"]
    looks = {(c, tuple(d)) for c, d in zip(color["range"], dash["range"], strict=True)}
    assert len(looks) == len(color["domain"]) == MAX_LINES
    for hue in color["range"]:
        for page in ("#ffffff", "#101217"):
            assert contrast(hue, page) > 3


def contrast(*colors):
    def luminance(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, light = sorted(map(luminance, colors))
    return (light + 0.05) / (dark + 0.05)


def test_a_thousand_runs_are_shown(app):
    first = made("a", 0)
    for i in range(1, 1000):
        folder = settings.RUNS / f"a{i}-20260101-{i // 3600:02d}{i // 60 % 60:02d}{i % 60:02d}"
        shutil.copytree(first.folder, folder)
        (folder / "params.json").write_text(Params(seed=i, z_dim=2 + i % 3).to_json())
    show(app)
    show(app, 3, 5)
    assert "1,005 runs, 2 chosen" in words(app)


@contextmanager
def visit(browser, url):
    page = browser.new_context(viewport={"width": 1280, "height": 1200}).new_page()
    page.set_default_timeout(1000 * TIMEOUT)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    yield page
    page.context.close()
    assert not errors


def test_a_person_compares_reports_and_opens(browser, cold_server):
    for second, name in enumerate(("old", "new")):
        made(name, second, home=cold_server.home)
    with visit(browser, f"{cold_server.url}/runs?model=fast") as page:
        page.get_by_role("heading", name="7 runs").wait_for()
        box = page.get_by_test_id("stDataFrame").locator("canvas").first.bounding_box()

        title = page.get_by_role("textbox", name="Title")

        def tick(row):
            page.mouse.click(box["x"] + 18, box["y"] + 35 * row + 52)

        tick(0)
        page.get_by_text("7 runs, one chosen").wait_for()
        wait_until(lambda: title.input_value() == "new")
        title.fill("x" * 81)  # As if pasted.
        page.get_by_role("button", name="Save").click()
        page.get_by_text("A title has at most 80 characters, this one 81.").wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Report").click()
        assert download.value.suggested_filename == "new-20260101-000001.html"
        html = download.value.path().read_text()
        assert html.startswith("<!doctype html>") and html.count("<svg ") == 6

        tick(1)
        page.get_by_text("7 runs, 2 chosen").wait_for()
        page.get_by_test_id("stVegaLiteChart").wait_for()
        tick(0)
        wait_until(lambda: title.input_value() == "old")
        page.get_by_role("link", name="Open").click()
        page.wait_for_url(re.compile(r"/train\?model=fast&run=old-20260101-000000"))
        page.get_by_text("Finished; it is saved.").wait_for()
    assert "Traceback" not in cold_server.log()
