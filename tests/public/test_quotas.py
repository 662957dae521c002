"""Public mode: how much a visitor may have, and what a teacher may do."""

import shutil
from dataclasses import replace

import pytest
from filelock import FileLock
from visitors import ANNA, BEN, TEACHER, model_of, public, run_of  # noqa: F401

from vae import Params, settings
from vae.errors import OwnershipError, QuotaError, WeightsError
from vae.files import owners, registry
from vae.files.owners import Ownership
from vae.presets import PRESETS
from vae.public import access, actions, identity, quotas
from vae.public.identity import Visitor
from vae.public.quotas import QUOTAS, Quotas, Usage
from vae.runs import queue, store
from vae.runs.log import RunLog


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


def test_a_network_leaves_places_in_the_queue_whatever_cookies_it_deletes():
    here = lambda: Visitor(identity.new_id(), network="192.0.2.1")  # noqa: E731
    few = Quotas(queue=3, queue_of_network=2, free_megabytes=0)
    for name in "ab":
        quotas.check_active(quotas.usage(here()), few)
        actions.start(here(), Params(), name, False)
    with pytest.raises(QuotaError, match="queue is full"):
        quotas.check_active(quotas.usage(here()), few)
    quotas.check_active(quotas.usage(ANNA), few)
    actions.start(ANNA, Params(), "c", False)
    with pytest.raises(QuotaError, match="queue is full"):
        quotas.check_active(quotas.usage(BEN), few)


def test_networks_take_turns_in_the_queue():
    for name in ("a1", "a2", "a3", "b1", "b2", "c1"):
        visitor = Visitor(identity.new_id(), network=name[0])
        actions.start(visitor, Params(), name, False)
    names = [store.get(run_id).name for run_id in queue.ids()]
    assert names == ["a1", "b1", "c1", "a2", "b2", "a3"]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_may_be_trained(name):
    quotas.check_params(PRESETS[name])


def test_a_training_is_bounded_in_memory_and_work():
    wide = Params(batch_size=450, digit_classification_filters=[128])
    with pytest.raises(QuotaError, match=r"2\.0 GB of memory here; .* about 2\.2 GB"):
        quotas.check_params(wide)
    quotas.check_params(wide.model_copy(update={"batch_size": 300}))
    conv = PRESETS["conv"]
    with pytest.raises(QuotaError, match=r"about an hour .* about 1\.1 hours"):
        quotas.check_params(conv.model_copy(update={"epochs": 50}))


def test_what_a_visitor_has_is_counted():
    run = run_of(ANNA, "mine")
    run_of(BEN, "other")
    model_of(ANNA, "uploaded")
    (run.folder / "big").write_bytes(bytes(5_000_000))
    RunLog(run.id, run.folder).checkpoint_saved(1, 1)
    found = quotas.usage(ANNA)
    assert [s.run_id for s in found.runs] == [run.id] and found.active_runs == 0
    assert found.models == 2, "the run is going to save one"
    assert 6.4 < found.megabytes < 6.7
    assert quotas.usage(Visitor(identity.new_id())) == ([], 0, 0, "")


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


def test_uploads_are_bounded():
    content = registry.available()["classic"].read_bytes()
    with pytest.raises(QuotaError, match="10 MB"):
        actions.upload(ANNA, bytes(QUOTAS.upload_megabytes * 10**6 + 1), "large")
    for i in range(QUOTAS.uploads):
        actions.upload(ANNA, content, f"m{i}")
    assert registry.ownership("m0") == Ownership(ANNA.id)
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


def test_a_failure_ends_neither_stopping_nor_clearing(monkeypatch):
    first, second = (run_of(ANNA, name, ended=False) for name in ("first", "second"))
    stop = queue.cancel

    def fails(run_id):
        if run_id == second.id:  # It is the newest, so its turn comes first.
            raise OSError(28, "No space left on device")
        return stop(run_id)

    with monkeypatch.context() as patch:
        patch.setattr(queue, "cancel", fails)
        done, (problem,) = actions.stop_all(TEACHER)
    assert done == 1 and problem.startswith(f"{second.id}: The run cannot be stopped: No space")
    assert first.status().state == "stopped"
    assert second.status().control.desired_state == "run", "nothing of it is half done"
    (settings.RUNS / f".deleted-{second.id}" / "full").mkdir(parents=True)
    (settings.MODELS / "folder.safetensors").mkdir(parents=True)
    owners.save("folder", Ownership(ANNA.id))
    done, (of_run, of_model) = actions.clear(TEACHER)
    assert done == 1 and of_run.startswith(f"{second.id}: The run cannot be deleted: ")
    assert of_model.startswith("folder: The model cannot be deleted: ")
    assert store.list_ids() == [second.id]


def test_a_container_bounds_the_trainings(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "CONTAINER", tmp_path)
    monkeypatch.delenv("VAE_WORKERS", raising=False)
    free = settings.cores()
    limits = ("max 100000", "max", (free, None)), ("50000 100000", "9", (1, 9))
    for cores, memory, expected in limits:
        (tmp_path / "cpu.max").write_text(f"{cores}\n")
        (tmp_path / "memory.max").write_text(f"{memory}\n")
        assert (settings.cores(), settings.memory()) == expected
    monkeypatch.setattr(settings, "cores", lambda: 16)
    for memory, slots in ((2.7e9, 1), (9e9, 3), (90e9, 8)):
        (tmp_path / "memory.max").write_text(str(int(memory)))
        assert settings.worker_slots() == slots
    (tmp_path / "memory.max").write_text(str(int(1.7e9)))
    quotas.check_params(PRESETS["classic"])
    with pytest.raises(QuotaError, match=r"may take 1\.3 GB of memory here"):
        quotas.check_params(PRESETS["conv"])


def test_workers_are_bounded(monkeypatch):
    monkeypatch.setattr(settings, "cores", lambda: 4)
    for number, slots in (("9", 4), ("3", 3), ("0", 1), ("many", 2)):
        monkeypatch.setenv("VAE_WORKERS", number)
        assert settings.worker_slots() == slots
    monkeypatch.setenv("VAE_PUBLIC", "0")
    monkeypatch.setenv("VAE_WORKERS", "9")
    assert settings.worker_slots() == 9
