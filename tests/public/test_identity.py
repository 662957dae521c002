"""Public mode: who a visitor is, and who is a teacher."""

import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visitors import ANNA, BEN, TEACHER, TOKEN, public  # noqa: F401

from vae import settings
from vae.errors import QuotaError, VAELabError
from vae.public import identity
from vae.public.rates import RateLimit


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
