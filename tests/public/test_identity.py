"""Public mode: who a visitor is, and who is a teacher."""

import stat
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visitors import ANNA, BEN, TEACHER, TOKEN, public  # noqa: F401

from vae import settings
from vae.errors import QuotaError, VAELabError
from vae.public import identity
from vae.public.identity import Visitor


def test_a_cookie_is_read_as_it_was_written():
    for visitor_id in (identity.new_id(), identity.user_id("issuer", "subject")):
        assert identity.read(identity.cookie(visitor_id)) == visitor_id
        assert len(visitor_id) == len(ANNA.id)
    assert identity.new_id() != identity.new_id()
    assert identity.user_id("a", "b") == identity.user_id("a", "b") != identity.user_id("a", "c")


@given(st.data())
def test_an_altered_cookie_is_nobody_elses(data):
    cookie = identity.cookie(ANNA.id)
    at = data.draw(st.integers(0, len(cookie) - 1))
    other = data.draw(st.one_of(st.characters(codec="utf-8"), st.sampled_from("0123456789abcdef.")))
    if other != cookie[at]:  # The last bits of Base64 may differ without a meaning.
        assert identity.read(cookie[:at] + other + cookie[at + 1 :]) in (None, ANNA.id)
    assert identity.read(data.draw(st.text(st.characters(codec="utf-8")))) is None
    assert identity.read(f"{BEN.id}.{cookie.partition('.')[2]}") is None


def test_a_teacher_is_one_everywhere_until_they_leave_or_the_day_ends(home, monkeypatch):
    assert not identity.visitor(ANNA.id).teacher
    for visitor in (ANNA, BEN):
        identity.set_teacher(visitor.id, True)
    assert identity.visitor(ANNA.id).teacher and identity.visitor(BEN.id).teacher
    identity.set_teacher(ANNA.id, False)
    assert not identity.visitor(ANNA.id).teacher and identity.visitor(BEN.id).teacher
    assert stat.S_IMODE((home / "teachers.json").stat().st_mode) == 0o600
    for token in ("another token", ""):
        with monkeypatch.context() as changed:
            changed.setenv("VAE_TEACHER_TOKEN", token)
            assert not identity.visitor(BEN.id).teacher
    in_a_day = time.time() + 13 * 3600
    monkeypatch.setattr(identity.time, "time", lambda: in_a_day)
    assert not identity.visitor(BEN.id).teacher


def test_the_token_has_a_length_and_few_may_be_tried(monkeypatch):
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
    with pytest.raises(QuotaError, match="Too many attempts"):
        for _ in range(61):
            identity.is_token("guessed", Visitor(identity.new_id(), network="192.0.2.1"))
    assert identity.is_token(TOKEN, TEACHER)


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
        identity.cookie(ANNA.id)
