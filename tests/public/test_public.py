"""Public mode without a browser: who a visitor is, what is theirs, and how much they may have."""

import json
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from vae import Params, settings
from vae.errors import OwnershipError, QuotaError, RunError, VAELabError, WeightsError
from vae.files import owners, registry
from vae.files.owners import Ownership
from vae.presets import PRESETS
from vae.public import access, actions, identity, quotas
from vae.public.identity import EVERYONE, Visitor
from vae.public.quotas import QUOTAS, Quotas, Usage
from vae.public.rates import RateLimit
from vae.runs import queue, store
from vae.storage import registry_lock

ANNA, BEN = (Visitor(letter * 32) for letter in "ab")
TEACHER = Visitor("c" * 32, teacher=True)
TOKEN = "a long token"


@pytest.fixture(autouse=True)
def public(home, monkeypatch):
    monkeypatch.setenv("VAE_PUBLIC", "1")
    monkeypatch.setenv("VAE_TEACHER_TOKEN", TOKEN)
    room = SimpleNamespace(free=10**10)  # Whatever the disk of this machine has.
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: room)
    quotas._all_bytes.cache_clear()


def run_of(visitor, name, ended=True):
    """A run of a visitor that waits, or has ended."""
    run = store.create(Params(), name, owner=visitor.id)
    if ended:
        log = '{"at":1,"event":"worker_started","pid":1,"host":"here"}\n'
        log += '{"at":1,"event":"finished","message":"Finished."}\n'
        (run.folder / "events.jsonl").write_text(log)
    else:
        queue.submit(run.id)
    return run


def model_of(visitor, name):
    registry.add(registry.load("classic"), name, visitor.id)


def test_a_cookie_is_read_as_it_was_written():
    for visitor in (identity.new(), ANNA, TEACHER, identity.of_user("issuer", "subject")):
        assert identity.read(identity.cookie(visitor)) == visitor
    assert identity.new() != identity.new() and not identity.new().is_user
    assert identity.of_user("a", "b").is_user and len(identity.of_user("a", "b").id) == len(ANNA.id)
    assert identity.of_user("a", "b") == identity.of_user("a", "b") != identity.of_user("a", "c")


@given(st.data())
def test_an_altered_cookie_is_nobodys(data):
    cookie = identity.cookie(data.draw(st.sampled_from([ANNA, TEACHER])))
    at = data.draw(st.integers(0, len(cookie) - 1))
    other = data.draw(st.one_of(st.characters(), st.sampled_from("0123456789abcdef.")))
    if other != cookie[at]:
        assert identity.read(cookie[:at] + other + cookie[at + 1 :]) is None
    assert identity.read(data.draw(st.text())) is None
    teachers = identity.cookie(TEACHER).split(".")
    assert identity.read(f"{ANNA.id}.{teachers[1]}.{teachers[2]}") is None


def test_another_token_makes_visitors_of_teachers(monkeypatch):
    cookie = identity.cookie(TEACHER)
    for token in ("another token", ""):
        monkeypatch.setenv("VAE_TEACHER_TOKEN", token)
        assert identity.read(cookie) == TEACHER._replace(teacher=False)


def test_the_token_has_a_length_and_few_may_be_tried(monkeypatch):
    monkeypatch.setattr(identity, "_ATTEMPTS", RateLimit(5, seconds=60))
    assert identity.is_token(TOKEN, ANNA)
    assert not identity.is_token("ä longer token", ANNA)
    for token in ("x" * 11, ""):
        monkeypatch.setenv("VAE_TEACHER_TOKEN", token)
        assert not identity.has_teacher() and not identity.is_token(token, ANNA)
    assert not identity.is_token("", ANNA)
    with pytest.raises(QuotaError, match="Too many attempts"):
        identity.is_token(TOKEN, ANNA)
    monkeypatch.setenv("VAE_TEACHER_TOKEN", TOKEN)
    assert identity.is_token(TOKEN, BEN), "another visitor's attempts lock nobody out"
    monkeypatch.setattr(identity, "_ALL_ATTEMPTS", RateLimit(0, seconds=60))
    with pytest.raises(QuotaError, match="Too many attempts"):
        identity.is_token(TOKEN, identity.new())


def test_a_limit_is_for_a_time_and_for_each_key():
    limit = RateLimit(2, seconds=10)
    for now in (0, 5):
        limit.count("no", "a", now)
    for now in (5, 9.9):
        with pytest.raises(QuotaError, match="no"):
            limit.count("no", "a", now)
    limit.count("no", "b", 9.9)
    limit.count("no", "a", 10)
    with pytest.raises(QuotaError):
        limit.count("no", "a", 14.9)


def test_all_processes_have_one_key_that_only_they_can_read(home):
    code = "from vae.public import identity; print(identity.cookie_name(https=False))"
    starts = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=settings.ROOT)
        for _ in range(3)
    ]
    names = {process.communicate()[0].decode().strip() for process in starts}
    assert names == {identity.cookie_name(https=False)}
    assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600


def test_a_damaged_key_is_a_sentence(home):
    (home / "secret.key").write_bytes(b"short")
    with pytest.raises(VAELabError, match="must have 32 bytes; delete it"):
        identity.cookie(ANNA)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("owner", [ANNA.id, BEN.id, ""])
def test_the_rule(owner, shared):
    ownership = Ownership(owner, shared)
    assert access.may_see(ANNA, ownership) == (shared or owner == ANNA.id)
    assert access.may_change(ANNA, ownership) == (owner == ANNA.id)
    for everything in (TEACHER, EVERYONE):
        assert access.may_see(everything, ownership) and access.may_change(everything, ownership)
    ships = Ownership(ships=True)
    assert access.may_see(ANNA, ships) and not access.may_change(ANNA, ships)


def test_a_visitor_sees_their_own_what_is_shared_and_what_ships():
    own, other, shared, nobodys = (
        run_of(visitor, name)
        for visitor, name in ((ANNA, "own"), (BEN, "other"), (BEN, "shared"), (Visitor(), "old"))
    )
    for name in ("own", "other", "shared", "old"):
        registry.save_for_run(
            settings.MODELS / f"{name}.safetensors", registry.load("classic"), "run"
        )
    shared.share(True)
    assert [s.run_id for s in access.summaries(ANNA)] == [shared.id, own.id]
    assert access.run_ids(ANNA) == [shared.id, own.id, *PRESETS]
    assert set(access.models(ANNA)) == {"own", "shared", *PRESETS}
    assert set(access.models(TEACHER)) == {"own", "shared", "other", "old", *PRESETS}
    assert len(access.run_ids(TEACHER)) == 4 + len(PRESETS)
    assert access.run(ANNA, "classic").ships and access.run(ANNA, own.id).id == own.id
    for hidden in (other.id, nobodys.id, "missing-20260101-000000", "../runs"):
        for refuse in (access.run, access.check_run):
            with pytest.raises(RunError, match=f"There is no run '{hidden}'"):
                refuse(ANNA, hidden)
    access.check_run(ANNA, own.id)
    with pytest.raises(OwnershipError, match="belongs to somebody else"):
        access.check_run(ANNA, shared.id)
    for name in ("shared", "classic"):
        with pytest.raises(OwnershipError, match="you cannot change it"):
            access.check_model(ANNA, name)
    shared.share(False)
    assert access.run_ids(ANNA) == [own.id, *PRESETS]
    assert set(access.models(ANNA)) == {"own", *PRESETS}


def test_a_run_shares_only_the_model_that_it_saves(home):
    model_of(ANNA, "mine")
    elsewhere = store.create(Params(), "mine", home / "elsewhere.safetensors", owner=ANNA.id)
    elsewhere.share(True)
    assert store.ownership(elsewhere.id).shared
    assert registry.ownership("mine") == Ownership(ANNA.id)


def test_a_run_is_shared_with_the_model_that_it_saved_whatever_that_is_called_now(home):
    run = run_of(ANNA, "mine")
    registry.save_for_run(settings.MODELS / "mine.safetensors", registry.load("classic"), run.id)
    run.share(True)
    registry.rename("mine", "renamed")
    run.share(False)
    assert access.models(BEN).keys() == PRESETS.keys()


def test_what_is_in_the_folder_of_included_models_is_not_shown_for_it(home, monkeypatch):
    model = registry.load("classic")
    monkeypatch.setattr(settings, "SHIPPED", home / "included")
    for name in ("classic", "private"):
        registry.save_for_run(settings.SHIPPED / f"{name}.safetensors", model, "run")
    assert list(registry.available()) == ["classic"] == list(access.models(ANNA))
    assert not registry.is_shipped_file(settings.SHIPPED / "private.safetensors")
    monkeypatch.setattr(settings, "MODELS", settings.SHIPPED)  # As without VAE_HOME.
    assert set(access.models(TEACHER)) == {"classic", "private"}
    assert list(access.models(ANNA)) == ["classic"]


def test_a_model_keeps_its_owner():
    run = run_of(ANNA, "mine")
    path = settings.MODELS / "mine.safetensors"
    registry.save_for_run(path, registry.load("classic"), run.id)
    registry.delete("mine")
    assert registry.ownership("mine").owner == ANNA.id, "the run would save it again"
    registry.save_for_run(path, registry.load("classic"), run.id)
    run.publish(path, "copy")
    run.delete()
    registry.share("mine", True)
    registry.rename("mine", "renamed")
    assert registry.ownership("renamed") == Ownership(ANNA.id, shared=True)
    assert registry.ownership("copy") == Ownership(ANNA.id)
    registry.delete("renamed")
    model_of(BEN, "renamed")
    assert registry.ownership("renamed") == Ownership(BEN.id)
    table = json.loads((settings.MODELS / owners.FILE).read_text())
    assert set(table) == {"renamed", "copy"}, "names that nothing has are forgotten"
    with pytest.raises(WeightsError, match="comes with the app"):
        registry.share("classic", False)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"mine": 3}', '{"mine": {"owner": 3, "shared": true}}']
)
def test_what_cannot_be_read_is_hidden(text):
    model_of(ANNA, "mine")
    (settings.MODELS / owners.FILE).write_text(text)
    run = run_of(Visitor(), "other") if text.startswith("{") else None
    assert set(access.models(ANNA)) == set(PRESETS)
    if run:
        (run.folder / "about.json").write_text('{"owner": 3, "shared": "yes"}')
        assert access.run_ids(ANNA) == list(PRESETS)
    else:
        with pytest.raises(WeightsError, match=r"owners\.json cannot be read; delete or repair"):
            model_of(ANNA, "another")


def used(runs=0, models=0, megabytes=0.0):
    return Usage([None] * runs, models, megabytes)


def test_quotas_at_their_edges():
    few = Quotas(models=3, megabytes=50, active_runs=1, epochs=20, queue=1, free_megabytes=0)
    quotas.check_models(used(models=2, megabytes=49), few)
    for too_much in (used(models=3), used(megabytes=50)):
        with pytest.raises(QuotaError, match="delete one"):
            quotas.check_models(too_much, few)
    quotas.check_params(Params(epochs=20), few)
    with pytest.raises(QuotaError, match="A run may have 20 epochs here, not 21"):
        quotas.check_params(Params(epochs=21), few)
    quotas.check_active(quotas.usage(ANNA), few)
    run = run_of(ANNA, "waits", ended=False)
    with pytest.raises(QuotaError, match="1 of your runs wait, train or pause already"):
        quotas.check_active(quotas.usage(ANNA), few)
    with pytest.raises(QuotaError, match=r"The queue is full \(1 runs\)"):
        quotas.check_active(quotas.usage(BEN), few)
    run.stop()
    quotas.check_active(quotas.usage(ANNA), few)
    quotas.check_room(few)
    for full in (replace(few, free_megabytes=10**12), replace(few, all_megabytes=0)):
        with pytest.raises(QuotaError, match="disk is nearly full"):
            quotas.check_room(full)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_may_be_trained(name):
    quotas.check_params(PRESETS[name])


def test_a_training_is_bounded_in_memory_and_work():
    wide = Params(batch_size=450, digit_classification_filters=[128])
    with pytest.raises(QuotaError, match=r"2\.0 GB of memory here; .* about 2\.2 GB"):
        quotas.check_params(wide)
    quotas.check_params(wide.model_copy(update={"batch_size": 300}))
    conv = PRESETS["conv"]
    with pytest.raises(QuotaError, match=r"about an hour .* about 1\.2 hours"):
        quotas.check_params(conv.model_copy(update={"epochs": 50}))


def test_what_a_visitor_has_is_counted():
    run = run_of(ANNA, "mine")
    run_of(BEN, "other")
    model_of(ANNA, "uploaded")
    (run.folder / "samples").mkdir()
    (run.folder / "samples" / "big").write_bytes(bytes(5_000_000))
    found = quotas.usage(ANNA)
    assert [s.run_id for s in found.runs] == [run.id] and found.active_runs == 0
    assert found.models == 2, "the run is going to save one"
    assert 6.2 < found.megabytes < 6.4
    assert quotas.usage(identity.new()) == ([], 0, 0)


def test_the_oldest_that_has_ended_and_is_not_pinned_goes():
    oldest, pinned, waiting, newest = (
        run_of(ANNA, name, ended=name != "waits") for name in ("a", "b", "waits", "d")
    )
    pinned.pin(True)
    have = quotas.usage(ANNA)
    evicted = lambda limit: [s.run_id for s in quotas.to_evict(have, limit)]  # noqa: E731
    assert evicted(5) == []
    assert evicted(4) == [oldest.id]
    assert evicted(3) == [oldest.id, newest.id]
    with pytest.raises(QuotaError, match="You have 4 runs of 2, and none that could be deleted"):
        evicted(2)
    assert waiting.id not in evicted(3)
    (pinned.folder / "params.json").write_text("damaged")
    gone = [summary.run_id for summary in quotas.to_evict(quotas.usage(ANNA), 3)]
    assert gone == [oldest.id, newest.id], "a damaged run stays pinned"


def test_nothing_is_deleted_without_notice(monkeypatch):
    runs = [run_of(ANNA, f"r{i}") for i in range(QUOTAS.runs)]
    before = store.list_ids()
    for announced in ([], [runs[1].id]):
        with pytest.raises(QuotaError, match="See below which run this would delete"):
            actions.start(ANNA, Params(), "new", False, announced)
    with pytest.raises(WeightsError, match="already"):
        actions.start(ANNA, Params(), "classic", False, [runs[0].id])
    assert store.list_ids() == before
    run, deleted = actions.start(ANNA, Params(), "new", False, [runs[0].id])
    assert [s.run_id for s in deleted] == [runs[0].id]
    assert run.ownership == Ownership(ANNA.id) and queue.ids() == [run.id]
    assert set(store.list_ids()) == {run.id, *(r.id for r in runs[1:])}
    for one in runs[1:]:
        one.pin(True)
    actions.start(BEN, Params(), "bens", True)
    run.stop()
    run.pin(True)
    with pytest.raises(QuotaError, match="unpin one"):
        actions.start(ANNA, Params(), "another", False, before)
    actions.start(TEACHER, Params(epochs=99), "a-teachers", False)


def test_a_run_that_cannot_be_deleted_for_a_new_one_stays():
    runs = [run_of(ANNA, f"r{i}") for i in range(QUOTAS.runs)]
    obstacle = settings.RUNS / f".deleted-{runs[0].id}"
    (obstacle / "full").mkdir(parents=True)
    run, deleted = actions.start(ANNA, Params(), "new", False, [runs[0].id])
    assert deleted == [] and queue.ids() == [run.id]
    shutil.rmtree(obstacle)
    both = [r.id for r in runs[:2]]
    _, deleted = actions.start(ANNA, Params(), "another", False, both)
    assert [s.run_id for s in deleted] == both


def test_going_on_is_bounded_like_a_start():
    first, second, third = (run_of(ANNA, name, ended=name == "c") for name in "abc")
    for refuse in (actions.resume, actions.single_step):
        with pytest.raises(QuotaError, match="2 of your runs"):
            refuse(ANNA, third)
    second.stop()
    actions.resume(ANNA, third, QUOTAS.epochs)
    assert queue.ids() == [first.id, third.id]
    with pytest.raises(QuotaError, match="50 epochs"):
        actions.resume(ANNA, first, QUOTAS.epochs + 1)
    actions.set_target(ANNA, first, QUOTAS.epochs)
    with pytest.raises(QuotaError, match="50 epochs"):
        actions.set_target(ANNA, first, QUOTAS.epochs + 1)
    actions.set_target(TEACHER, first, QUOTAS.epochs + 1)


def test_further_epochs_are_within_the_work_of_a_training():
    run = store.create(PRESETS["conv"].model_copy(update={"epochs": 1}), "long", owner=ANNA.id)
    for refuse in (actions.resume, actions.set_target):
        with pytest.raises(QuotaError, match="it takes about 1"):
            refuse(ANNA, run, QUOTAS.epochs)
    assert run.status().target_epochs == 1 and queue.ids() == []
    actions.set_target(ANNA, run, 20)
    actions.resume(ANNA, run)
    assert run.status().target_epochs == 20 and queue.ids() == [run.id]


def test_uploads_are_bounded(monkeypatch):
    monkeypatch.setattr(quotas, "_UPLOADS", RateLimit(1, seconds=3600))
    content = registry.available()["classic"].read_bytes()
    with pytest.raises(QuotaError, match="10 MB"):
        actions.upload(ANNA, bytes(QUOTAS.upload_megabytes * 10**6 + 1), "large")
    actions.upload(ANNA, content, "one")
    assert registry.ownership("one") == Ownership(ANNA.id)
    with pytest.raises(QuotaError, match="per hour"):
        actions.upload(ANNA, content, "two")
    actions.upload(BEN, content, "bens")
    actions.upload(TEACHER, content, "a-teachers")


def test_an_upload_is_read_while_others_start(monkeypatch):
    """The lock of what is counted is free while the file is read."""
    content = registry.available()["classic"].read_bytes()
    read = registry.weights.load

    def load(path):
        with FileLock(settings.RUNS / "quotas.lock", timeout=0):
            return read(path)

    monkeypatch.setattr(registry.weights, "load", load)
    actions.upload(ANNA, content, "uploaded")
    run = run_of(ANNA, "mine")
    shutil.copy(settings.SHIPPED / "classic.safetensors", run.last)
    actions.publish(ANNA, run, run.last, "published")
    assert {"uploaded", "published"} <= set(access.models(ANNA))


def test_a_teacher_stops_and_clears_everything():
    mine, waiting, old = (
        run_of(ANNA, "mine"),
        run_of(BEN, "waits", ended=False),
        run_of(Visitor(), "old"),
    )
    kept = run_of(TEACHER, "kept")
    model_of(ANNA, "uploaded")
    model_of(Visitor(), "from-before")
    for refuse in (actions.stop_all, actions.clear):
        with pytest.raises(OwnershipError, match="Only a teacher"):
            refuse(ANNA)
    assert actions.stop_all(TEACHER) == (1, []) and queue.ids() == []
    assert waiting.status().state == "stopped"
    with FileLock(mine.folder / "lock"):
        outcome = actions.clear(TEACHER)
    assert outcome == (2, [f"{mine.id}: It is being trained; stop it first."])
    assert set(store.list_ids()) == {mine.id, kept.id, old.id}
    assert mine.status().control.desired_state == "stop"
    assert actions.clear(TEACHER) == (1, [])
    assert store.list_ids() == [kept.id, old.id]
    assert set(registry.available()) == {"from-before", *PRESETS}


def test_a_failure_ends_neither_stopping_nor_clearing():
    first, second = (run_of(ANNA, name, ended=False) for name in ("first", "second"))
    (second.folder / "control.json").mkdir()  # It is the newest, so its turn comes first.
    (settings.RUNS / f".deleted-{second.id}" / "full").mkdir(parents=True)
    (settings.MODELS / "folder.safetensors").mkdir(parents=True)
    with registry_lock():
        registry.assign("folder", Ownership(ANNA.id))
    done, (problem,) = actions.stop_all(TEACHER)
    assert done == 1 and problem.startswith(f"{second.id}: The run cannot be changed: ")
    assert first.status().state == "stopped"
    done, (of_run, of_model) = actions.clear(TEACHER)
    assert done == 1 and of_run.startswith(f"{second.id}: The run cannot be deleted: ")
    assert of_model.startswith("folder: The model cannot be deleted: ")
    assert store.list_ids() == [second.id]


def test_workers_are_bounded(monkeypatch):
    monkeypatch.setattr(settings.os, "cpu_count", lambda: 4)
    for number, slots in (("9", 4), ("3", 3), ("0", 1), ("many", 2)):
        monkeypatch.setenv("VAE_WORKERS", number)
        assert settings.worker_slots() == slots
    monkeypatch.setenv("VAE_PUBLIC", "0")
    monkeypatch.setenv("VAE_WORKERS", "9")
    assert settings.worker_slots() == 9


def test_outside_of_public_mode_nothing_has_an_owner(monkeypatch):
    monkeypatch.setenv("VAE_PUBLIC", "")
    run, deleted = actions.start(EVERYONE, Params(epochs=99), "mine", False)
    assert deleted == [] and "owner" not in json.loads((run.folder / "about.json").read_text())
    assert not (settings.MODELS / owners.FILE).exists()
    assert not (settings.HOME / "secret.key").exists()
