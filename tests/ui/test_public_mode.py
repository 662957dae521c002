"""Public mode on the pages: what one visitor sees of another's, and cannot do with it."""

import shutil

import pytest
import streamlit
from app_testing import button, errors, labels, press, warnings, words
from by_hand import made
from filelock import FileLock
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.testing.v1 import AppTest, app_test

from ui.runs.report import report
from ui.runs.table import csv
from vae import PRESETS, Params, load, settings
from vae.files import registry
from vae.public import identity, names, quotas, rates
from vae.runs import dispatcher, queue, store

TOKEN = "a long token"
RUNS, TRAIN, GENERATE = (f"../pages/{name}.py" for name in ("runs", "train", "generate"))


def new_session(**user):
    """A session of a visitor of its own, or of one who has been here before."""
    app = AppTest.from_file(str(settings.ROOT / "ui/main.py"), default_timeout=120)
    app.user = {"visitor": identity.new_id()} | user
    return app


@pytest.fixture
def visitors(home, monkeypatch):
    """Two sessions of a public server, each of a visitor of its own."""
    monkeypatch.setenv("VAE_PUBLIC", "1")
    monkeypatch.setenv("VAE_TEACHER_TOKEN", TOKEN)
    monkeypatch.setattr(dispatcher, "ensure_dispatcher", lambda: None)
    rates.forget()
    apps = [new_session().run() for _ in range(2)]
    yield apps
    for app in apps:
        assert not app.exception


def open_page(app, page, **query):
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page(page).run()


def visitor(app):
    """The id of a session's visitor."""
    return app.user["visitor"]


def start(app, name):
    open_page(app, TRAIN)
    app.text_input(key="run_name").set_value(name).run()
    press(app, "Start training")
    return store.get(app.session_state.run)


def become_teacher(app, token=TOKEN):
    app.session_state["manager"] = True
    app.run()
    app.text_input(key="teacher_token").set_value(token)
    return app.run()


def tick(app, *rows):
    app.query_params.pop("run", None)  # A browser has left it on the other page.
    app.session_state["table"] = {"selection": {"rows": list(rows)}}
    return app.run()


def test_a_run_is_seen_and_steered_by_its_owner_alone(visitors):
    anna, ben = visitors
    run = start(anna, "annas")
    assert {"Cancel", "New run"} <= labels(anna)

    for page in (TRAIN, RUNS):
        open_page(ben, page)
        assert "annas" not in words(ben)
    assert "**In the queue: 1**" in words(ben), "how many wait is no secret"
    assert run.id not in ben.dataframe[0].value.to_string()
    for wanted in (run.id, "missing-1-2"):
        other = open_page(new_session(), TRAIN, run=wanted, like=wanted)
        assert warnings(other).startswith(f"There is no run '{wanted}'. Shown: classic.")
        assert errors(other) == f"There is no run '{wanted}'."

    open_page(anna, TRAIN, run=run.id)
    anna.toggle(key=f"share_{run.id}").set_value(True).run()
    open_page(ben, TRAIN)
    assert ben.selectbox(key="run").options == [*PRESETS, run.id], "those of others come last"
    assert ben.selectbox(key="run").value == "classic" and "Shared by" not in words(ben)
    mine = made("mine", owner=visitor(ben))
    ben.run()
    assert ben.selectbox(key="run").options == [mine.id, *PRESETS, run.id]
    store.delete(mine.id)
    whose = f"Shared by visitor {run.ownership.owner[:6]}; only its owner can change it."
    ben.session_state["run"] = run.id
    ben.run()
    assert whose in words(ben)
    ben.session_state["steered_run"] = run.id
    ben.run()
    assert ben.selectbox(key="run").value == run.id
    assert {"Cancel", "Steer this run"}.isdisjoint(labels(ben))

    open_page(ben, RUNS)
    owners = ben.dataframe[0].value["owner"].tolist()
    assert owners[:2] == [f"visitor {run.ownership.owner[:6]}", ""]
    tick(ben, 0)
    assert whose in words(ben)
    assert {"Save", "Delete this run"}.isdisjoint(labels(ben))
    assert not [b for b in ben.button if str(b.key).startswith(("Cancel_", "Sooner_"))]
    open_page(anna, RUNS)
    assert anna.dataframe[0].value["owner"].tolist()[0] == "you"
    assert anna.button(key=f"Cancel_{run.id}")
    assert not [b for b in anna.button if str(b.key).startswith("Sooner_")]


def test_rights_are_checked_when_the_button_is_pressed(visitors):
    anna, _ = visitors
    first = start(anna, "first")
    press(anna, "New run")
    run = start(anna, "annas")
    shutil.copy(settings.SHIPPED / "fast.safetensors", run.last)
    registry.save_for_run(settings.MODELS / "annas.safetensors", load("fast"), run.id)
    store.get(run.id).share(True)
    owner = anna.user

    def acted_as_another(page, act, drawn_for=owner):
        anna.user = drawn_for
        anna.session_state["manager"] = anna.session_state["confirm_annas"] = True
        anna.session_state["managed"] = "annas"
        anna.session_state["new_name_annas"] = "renamed"
        open_page(anna, page, run=run.id)
        if page == RUNS:
            tick(anna, 0)
        anna.user = {"visitor": identity.new_id()}
        act()
        anna.run()
        return errors(anna)

    refused = "This run belongs to somebody else, who alone can change it."
    of_model = "The model 'annas' belongs to somebody else: you cannot change it."
    anna.session_state["steered_run"] = run.id
    for page, act, said in (
        (TRAIN, lambda: button(anna, "Cancel").click(), refused),
        (TRAIN, lambda: anna.text_input(key=f"of_epochs_{run.id}").set_value("3"), refused),
        (TRAIN, lambda: anna.toggle(key=f"pin_{run.id}").set_value(True), refused),
        (RUNS, lambda: button(anna, "Save").click(), refused),
        (RUNS, lambda: button(anna, "Delete this run").click(), refused),
        (RUNS, lambda: button(anna, "Add to models").click(), ""),  # Its place is gone, too.
        (RUNS, lambda: anna.button(key=f"Cancel_{run.id}").click(), refused),
        (RUNS, lambda: button(anna, "Delete model").click(), of_model),
        (RUNS, lambda: button(anna, "Rename").click(), of_model),
        (RUNS, lambda: anna.toggle(key="share_model_annas").set_value(False), of_model),
    ):
        assert acted_as_another(page, act) == said, (page, said)
    of_queue = "Only a teacher can change the order of the queue."
    sooner = lambda: anna.button(key=f"Sooner_{run.id}").click()  # noqa: E731
    teacher = {"visitor": identity.new_id()}
    identity.set_teacher(teacher["visitor"], True)
    assert acted_as_another(RUNS, sooner, teacher) == of_queue
    assert queue.ids() == [first.id, run.id] and store.get(run.id).ownership.shared
    assert registry.available().keys() == {"annas", *PRESETS}
    assert store.get(run.id).status().target_epochs == Params().epochs

    run.stop()
    for label in ("Resume", "Continue training"):
        assert acted_as_another(TRAIN, lambda label=label: button(anna, label).click()) == refused
    assert queue.ids() == [first.id] and run.status().state == "stopped"


def test_rights_are_checked_when_a_file_is_downloaded(visitors, monkeypatch):
    files = MediaFileManager(MemoryMediaFileStorage("/media"))
    monkeypatch.setattr(app_test, "MediaFileManager", lambda storage: files)
    anna, ben = visitors
    run = made("annas", owner=visitor(anna))
    shutil.copy(settings.SHIPPED / "fast.safetensors", run.last)
    registry.add(load("fast"), "given", visitor(anna))

    def buttons(app, page):
        app.session_state["card"] = app.session_state["details"] = True
        open_page(app, page, run=run.id, use="given")
        if page == RUNS:
            tick(app, 0)
        return {b.proto.label: b.proto.deferred_file_id for b in app.get("download_button")}

    def share(shared):
        store.get(run.id).share(shared)
        registry.share("given", shared)

    table = files.execute_deferred(buttons(anna, RUNS)["Table as CSV"])
    assert b'"you"' in files._storage.get_file(table.rpartition("/")[2]).content
    for page, count in ((TRAIN, 4), (RUNS, 3)):
        share(True)
        drawn = buttons(ben, page)
        drawn.pop("Table as CSV", None)  # It has what Ben has seen.
        assert len(drawn) == count, drawn.keys()
        for file_id in drawn.values():
            files.execute_deferred(file_id)
        share(False)
        for file_id in drawn.values():
            with pytest.raises(MediaFileStorageError, match=r"There is no (run|model)"):
                files.execute_deferred(file_id)


def test_how_long_a_training_takes_says_nothing_of_hidden_runs(visitors):
    anna, ben = visitors
    losses = range(40, 40 - Params().epochs - 1, -1)
    made("annas", losses=losses, owner=visitor(anna))
    for app, knows in ((anna, True), (ben, False)):
        open_page(app, TRAIN)
        assert ("the last run of this preset here" in words(app)) == knows


def test_a_teacher_sees_and_clears_everything(visitors):
    anna, teacher = visitors
    run = start(anna, "annas")
    become_teacher(teacher, "something else")
    assert errors(teacher) == "That is not the teacher's token."
    other_tab = become_teacher(new_session(**teacher.user))
    assert "You are a teacher here" in words(other_tab) + words(teacher.run())
    open_page(teacher, RUNS)
    assert "In the queue: 1" in words(teacher)
    press(teacher, "Stop all")
    assert queue.ids() == []

    def type_and_press(word):
        teacher.text_input(key="clear_confirmation").set_value("CLEAR").run()
        teacher.text_input(key="clear_confirmation").set_value(word)
        press(teacher, "Delete all of them")

    assert button(teacher, "Delete all of them").disabled
    type_and_press("clear")
    assert errors(teacher) == "Nothing was deleted: type CLEAR to confirm."
    with FileLock(run.folder / "lock"):
        type_and_press("CLEAR")
    assert errors(teacher).startswith(f"Not deleted: 1. {run.id}: It is being trained;")
    type_and_press("CLEAR")
    assert not teacher.error and store.list_ids() == []
    teacher.session_state["manager"] = True
    teacher.run()
    press(teacher, "Leave the teacher's view")
    assert "Stop all" not in labels(teacher)
    assert "You are a teacher here" not in words(other_tab.run())
    for _ in range(4):
        become_teacher(teacher, "something else")
    assert "Too many attempts" in errors(teacher)
    assert not run.folder.exists()


def test_a_visitor_gives_a_name_once_which_the_teacher_sees(visitors):
    anna, teacher = visitors
    open_page(anna, TRAIN)
    field = anna.text_input(key="asked_name")
    field.set_value("=Anna *B*").run()
    assert "asked_name" not in [widget.key for widget in anna.text_input], "asked once"
    good = made("good", owner=visitor(anna))
    made("other", owner=visitor(anna), losses=())
    become_teacher(teacher)
    open_page(teacher, RUNS)
    overview, table = (frame.value for frame in teacher.dataframe)
    assert overview.to_dict("records") == [
        {
            "Visitor": "=Anna *B*",
            "Runs": 2,
            "At work": 0,
            "Best accuracy": 0.9,
            "Last run": "other",
        }
    ]
    assert table["owner"].tolist()[:2] == ["=Anna *B*"] * 2
    assert b"'=Anna" in csv(table.assign(note="", id=""))
    assert "=Anna *B*" in report(good).decode()
    anna.session_state["manager"] = True
    anna.run()
    for name, said in (("right\u202eleft", "all of them printable"), ("", "")):
        anna.text_input(key="own_name").set_value(name).run()
        assert said in errors(anna)
    assert names.all_names() == {}


def test_quotas_are_said_before_the_start(visitors, monkeypatch):
    anna, _ = visitors
    open_page(anna, TRAIN)
    assert "You have 0 of 10 runs, 0 of 20 models and 0 of 1,000 MB;" in words(anna)
    anna.text_input(key="param_epochs").set_value("51").run()
    assert errors(anna) == "A new run cannot be started. A run may have 50 epochs here, not 51."
    assert button(anna, "Start training").disabled
    anna.text_input(key="param_epochs").set_value("50")
    for number in range(quotas.QUOTAS.runs):
        made(f"r{number}", owner=visitor(anna))
    anna.run()
    said = "Starting one deletes the oldest that has ended and is not pinned: **r0**."
    assert said in warnings(anna)
    press(anna, "Start training")
    assert len(store.list_ids()) == quotas.QUOTAS.runs and not anna.error
    assert "Deleted to make room: **r0**" in [t.value for t in anna.toast]


@pytest.mark.parametrize(
    ("user", "shown", "forgotten"),
    [
        ({}, set(), True),
        ({"is_logged_in": False}, {"Log in"}, True),
        ({"is_logged_in": True}, {"Log out"}, False),
    ],
)
def test_a_log_in_is_offered_and_a_browser_without_cookies_is_told(
    visitors, monkeypatch, user, shown, forgotten
):
    monkeypatch.setattr(type(streamlit.context), "cookies", {})
    app = new_session(**user)
    app.session_state["manager"] = True
    app.run()
    assert labels(app) & {"Log in", "Log out"} == shown
    assert ("keeps no cookies" in words(app)) == forgotten


def test_outside_of_public_mode_nothing_of_it_is_seen(app, monkeypatch):
    monkeypatch.setattr(dispatcher, "ensure_dispatcher", lambda: None)
    app.session_state["manager"] = True
    for page in (TRAIN, RUNS, GENERATE):
        open_page(app, page)
        seen = words(app) + str(labels(app)) + str([t.label for t in app.text_input])
        for word in ("You have", "share", "eacher", "Stop all", "Pinned"):
            assert word not in seen
    assert not app.toggle
