"""Public mode: which runs and models a visitor sees and may change."""

import pytest
from visitors import ANNA, BEN, TEACHER, model_of, public, run_of  # noqa: F401

from vae import Params, settings
from vae.errors import OwnershipError, RunError, WeightsError
from vae.files import owners, registry
from vae.files.owners import Ownership
from vae.presets import PRESETS
from vae.public import access, actions
from vae.public.identity import EVERYONE, Visitor
from vae.runs import store


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
    registry.save_for_run(path, registry.load("classic"), run.id)
    run.publish(path, "copy")
    store.delete(run.id)
    registry.share("mine", True)
    registry.rename("mine", "renamed")
    assert registry.ownership("renamed") == Ownership(ANNA.id, shared=True)
    assert registry.ownership("copy") == Ownership(ANNA.id)
    registry.delete("renamed")
    model_of(BEN, "renamed")
    assert registry.ownership("renamed") == Ownership(BEN.id)
    assert set(owners.all_ownerships()) == {"renamed", "copy"}, "others are forgotten"
    with pytest.raises(WeightsError, match="comes with the app"):
        registry.share("classic", False)


def test_outside_of_public_mode_nothing_has_an_owner(monkeypatch):
    monkeypatch.setenv("VAE_PUBLIC", "")
    run, deleted = actions.start(EVERYONE, Params(epochs=99), "mine", False)
    assert (deleted, run.ownership) == ([], Ownership())
    assert owners.all_ownerships() == {"mine": Ownership()}
    assert not (settings.HOME / "secret.key").exists()
