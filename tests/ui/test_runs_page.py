"""The runs page: what its table says, and what its buttons do."""

import csv
import io
import json
import re
import shutil

import pytest
from app_testing import errors, labels, press, words
from browsing import at_rest, go_to, own_button, visit
from by_hand import alter, made
from conftest import in_home, wait_until
from filelock import FileLock
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest
from test_colors import contrast

from ui.runs import table
from ui.runs.overlay import MAX_LINES, overlay
from vae import Params, database, load, settings
from vae.files.registry import available
from vae.runs import dispatcher, queue, store
from vae.runs.rows import row_of

RUNS = "../pages/runs.py"
SHIPPED = ["classic", "report", "fast", "conv", "plane", "unlabelled"]
"""The runs that come with the app; they are below all others."""


@pytest.fixture
def page(app, monkeypatch):
    monkeypatch.setattr(dispatcher, "ensure_dispatcher", lambda: None)
    return app.run()


def show(page, *chosen):
    """The page with these rows ticked."""
    page.switch_page(RUNS)
    page.session_state["table"] = {"selection": {"rows": list(chosen)}}
    return page.run()


def own(page, column):
    """A column of the table without the runs that come with the app."""
    values = page.dataframe[0].value[column].tolist()
    assert page.dataframe[0].value["title"].tolist()[-len(SHIPPED) :] == SHIPPED
    return values[: -len(SHIPPED)]


def shaded(page):
    """The cells that are shaded: (row, column)."""
    styles = page.dataframe[0].proto.arrow_data.styler.styles
    return {tuple(map(int, cell)) for cell in re.findall(r"row(\d+)_col(\d+)", styles)}


def chart(page):
    return json.loads(page.get("vega_lite_chart")[0].proto.spec)


def as_csv():
    text = table.csv(table.frame(store.summaries())).decode()
    return [*csv.DictReader(io.StringIO(text, newline=""))]


def test_a_new_server_has_the_trainings_of_the_shipped_models(page):
    show(page)
    shown = page.dataframe[0].value
    assert shown["title"].tolist() == SHIPPED
    assert shown["state"].tolist() == ["ships with the app"] * len(SHIPPED)
    assert shown["accuracy"].tolist() == [
        load(name).history[-1]["val_accuracy"] for name in SHIPPED
    ]
    assert "Runs that are trained here are added to this table" in words(page)
    show(page, 0)
    assert {"Delete this run", "Save"}.isdisjoint(labels(page))
    assert "python -m vae train --preset classic" in page.code[0].value


def test_the_table_shows_in_what_runs_differ(page):
    made("a", z_dim=2, losses=(40.0, 30.0, 25.0, 22.5))
    made("b", z_dim=10, seed=1, kl_weight=0.5)
    made("c", z_dim=10, encoder_filters=(8, 16))
    made("d", z_dim=10, end="stopped", losses=(40.0, 35.0, 34.0))
    show(page)
    assert own(page, "title") == ["d", "c", "b", "a"]
    assert own(page, "state") == ["stopped", *["finished"] * 3]
    assert own(page, "epoch") == [2, 3, 3, 3]
    assert own(page, "loss")[-1] == 22.5
    assert own(page, "encoder_filters")[1] == "8, 16"
    differ = ["encoder_filters", "z_dim", "kl_weight", "seed"]
    assert page.dataframe[0].value.columns.tolist() == [*table._ALWAYS, *differ]
    column = len(table._ALWAYS)
    assert shaded(page) == {(1, column), (3, column + 1), (2, column + 2), (2, column + 3)}
    assert "Shaded: values that differ from those of most runs." in words(page)

    show(page, 1, 3)
    assert page.dataframe[0].value.columns.tolist() == [*table._ALWAYS, *differ[:2]]
    assert "10 runs, 2 chosen" in words(page)
    assert not shaded(page) and "Shaded" not in words(page), "of two values none is unusual"
    assert chart(page)["title"] == "Loss"
    page.segmented_control(key="term").set_value("accuracy").run()
    assert chart(page)["title"] == "Accuracy"
    show(page, 0, 1, 3)
    assert shaded(page) == {(1, column), (3, column + 1)}
    assert "Shaded: values that differ from those of most of them." in words(page)


def test_one_run_is_compared_with_those_that_ship(page):
    before = show(page).dataframe[0].value.columns.tolist()
    made("a")
    page.run()
    assert page.dataframe[0].value.columns.tolist() == before and "z_dim" in before


def test_a_link_names_a_run_and_the_choice_stays_while_other_pages_are_seen(page):
    run = made("a")
    page.query_params["run"] = "nope"
    page.switch_page(RUNS).run()
    assert page.warning[0].value == "There is no run 'nope'. Shown: all runs."
    page.run()
    assert not page.warning and "## 7 runs" in words(page).split("\n")
    page.query_params["run"] = run.id
    page.run()
    assert "7 runs, one chosen" in words(page) and not page.query_params.get("run")
    page.switch_page("../pages/draw.py").run()
    page.switch_page(RUNS).run()
    assert "7 runs, one chosen" in words(page) and page.text_input(key=f"title_{run.id}")


def test_the_csv_has_every_figure_and_parameter(home):
    made("a", decoder_layers=(64, 32)).describe('Say "a, b"', "two\nlines")
    (row,) = as_csv()
    assert row["title"] == 'Say "a, b"' and row["note"] == "two\nlines"
    assert row["decoder_layers"] == "64, 32" and float(row["loss"]) == 32.5
    assert set(Params.model_fields) < set(row) and row["id"] == store.list_ids()[0]


def test_no_text_in_the_csv_is_a_formula(home):
    for i, begin in enumerate(("=", "+", "-", "@", "\t", "\r", "a")):
        run = made(f"r{i}", losses=())
        alter(run, title=f"{begin}1", note=f"{begin}cmd")
    newest, *rows = as_csv()
    assert newest["title"] == "a1" and newest["note"] == "acmd"
    assert [row["title"][0] + row["note"][0] for row in rows] == ["''"] * 6


def test_a_damaged_run_is_a_row_that_can_be_deleted(page):
    kept, damaged = made("a"), made("b")
    alter(damaged, params='{"z_dim": 0}')
    show(page, 0, 1)
    assert own(page, "state") == ["damaged", "finished"], "it can be chosen beside others"
    assert "z_dim must be" in own(page, "note")[0]
    assert as_csv()[0]["state"] == "damaged"
    show(page, 0)
    assert "cannot be read" in errors(page)
    press(page, "Delete this run")
    assert store.list_ids() == [kept.id] and not page.error


def test_a_damaged_model_that_ships_cannot_be_deleted(page, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    shutil.copytree(settings.SHIPPED, shipped)
    monkeypatch.setattr(settings, "SHIPPED", shipped)
    (shipped / "classic.safetensors").write_bytes(b"nonsense")
    show(page, 0)
    assert page.dataframe[0].value["state"].tolist()[0] == "damaged"
    assert "damaged" in errors(page) and "Delete this run" not in labels(page)
    assert "## 6 runs, one chosen" in words(page)


def test_a_run_is_named_and_annotated(page):
    run = made("a")
    show(page, 0)
    page.text_input(key=f"title_{run.id}").set_value("My *best* <b>one</b>")
    page.text_area(key=f"note_{run.id}").set_value("Try again with β = 2.")
    press(page, "Save")
    assert (store.get(run.id).title, store.get(run.id).note) == (
        *own(page, "title"),
        *own(page, "note"),
    )
    assert own(page, "note") == ["Try again with β = 2."]
    assert r"My \*best\* \<b\>one" in words(page)
    page.text_input(key=f"title_{run.id}").set_value("x" * 81)
    press(page, "Save")
    assert errors(page) == "A title has at most 80 characters, this one 81."
    assert store.get(run.id).title == "My *best* <b>one</b>" and not page.toast


def test_runs_wait_in_a_line_that_can_be_changed(page, monkeypatch):
    mine = made("mine")
    second, third = (store.start(Params(), name) for name in ("second", "third"))
    show(page, 2)
    assert "In the queue: 2" in words(page) and "9 runs, one chosen" in words(page)
    fourth = store.start(Params(), "fourth")
    page.run()
    assert "10 runs, one chosen" in words(page)
    assert page.text_input(key=f"title_{mine.id}"), "the choice follows the run"
    fourth.stop()
    page.run()

    page.button(key=f"Sooner_{third.id}").click().run()
    assert queue.ids() == [third.id, second.id]

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(queue, "set_values", full)
        page.button(key=f"Later_{third.id}").click().run()
    assert errors(page) == "That cannot be done: No space left on device."
    page.button(key=f"Cancel_{third.id}").click().run()
    assert queue.ids() == [second.id] and third.status().state == "stopped"
    assert not page.error


def test_a_run_is_deleted_unless_it_is_being_trained(page):
    kept, gone = made("a"), made("b")
    show(page, 0)
    with FileLock(gone.folder / "lock"):
        press(page, "Delete this run")
        assert errors(page) == "It is being trained; stop it first."
    press(page, "Delete this run")
    assert store.list_ids() == [kept.id] and not page.error
    assert "## 7 runs" in words(page).split("\n"), "the other run has not been chosen in its place"
    made("c")
    show(page)
    show(page, 0, 1)
    press(page, "Delete these 2 runs")
    assert store.list_ids() == []


def test_an_error_stays_when_the_page_runs_by_itself_and_goes_with_the_next_action():
    def script():
        import streamlit as st

        from ui.shared.callbacks import keep_errors, report_error, show_action_error

        st.button("Act", on_click=report_error, args=("No.", "x"))
        st.button("By itself", on_click=keep_errors)
        st.button("Else")
        show_action_error("x")

    app = AppTest.from_function(script).run()
    for label, shown in (("Act", "No."), ("By itself", "No."), ("By itself", "No."), ("Else", "")):
        press(app, label)
        assert errors(app) == shown
    press(app, "By itself")
    assert not app.error


def test_a_model_is_saved_into_the_picker(page):
    run = made("a")
    show(page, 0)
    assert "Add to models" not in labels(page)
    for path in (run.best, run.last):
        shutil.copy(settings.SHIPPED / "classic.safetensors", path)
    show(page, 0)
    for name, said in (
        ("classic", "There is a model named 'classic' already"),
        ("The Best", "A model's name is"),
        ("the-best", ""),
    ):
        page.text_input(key=f"name_{run.id}").set_value(name)
        press(page, "Add to models")
        assert errors(page).startswith(said) and bool(page.error) == bool(said)
    assert "the-best" in available() and "the-best" in page.selectbox(key="model").options
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
        assert all(contrast(hue, paper) > 3 for paper in ("#ffffff", "#101217"))


def test_a_thousand_runs_are_shown(page):
    params = [Params(seed=i, z_dim=2 + i % 3).to_json() for i in range(1000)]
    row = row_of(made("a").id)._asdict()
    del row["number"], row["id"]
    stamps = [f"20250101-{i // 3600:02d}{i // 60 % 60:02d}{i % 60:02d}" for i in range(999)]
    with database.writing() as connection:
        more = [row | {"id": f"a-{stamp}", "params": params[i]} for i, stamp in enumerate(stamps)]
        connection.execute(insert(database.runs), more)
    show(page, 3, 5)
    assert "1,006 runs, 2 chosen" in words(page)


def test_a_person_compares_reports_and_opens(browser, server):
    with in_home(server.home):
        old, new = made("old"), made("new")
    with visit(browser, f"{server.url}/train?model=fast&run=fast", (1280, 1200)) as page:
        page.get_by_text("Details").wait_for()
        at_rest(page)
        go_to(page, "Runs")
        page.get_by_role("heading", name=re.compile("[0-9] runs")).wait_for()
        at_rest(page)
        box = page.get_by_test_id("stDataFrame").locator("canvas").first.bounding_box()
        title = page.get_by_role("textbox", name="Title")

        def tick(row):
            page.mouse.click(box["x"] + 18, box["y"] + 35 * row + 52)

        tick(0)
        wait_until(lambda: title.input_value() == "new")
        title.fill("x" * 81)  # As if pasted.
        own_button(page, "Save").click()
        page.get_by_text("A title has at most 80 characters, this one 81.").wait_for()
        with page.expect_download() as download:
            own_button(page, "Report").click()
        assert download.value.suggested_filename == f"{new.id}.html"
        assert download.value.path().read_bytes().startswith(b"<!doctype html>")

        tick(1)
        page.get_by_text("2 chosen").wait_for()
        page.get_by_test_id("stVegaLiteChart").wait_for()
        tick(0)
        wait_until(lambda: title.input_value() == "old")
        at_rest(page)
        page.get_by_role("link", name="Open").click()
        page.wait_for_url(re.compile(rf"/train\?.*run={old.id}"))
        page.get_by_text("Finished; it is saved.").wait_for()
    with in_home(server.home):
        for run in (old, new):
            store.delete(run.id)
