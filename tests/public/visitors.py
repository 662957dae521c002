"""Visitors of a public server, and what they have."""

import shutil
from types import SimpleNamespace

import pytest
from by_hand import Worker

from vae import Params
from vae.files import registry
from vae.public import rates
from vae.public.identity import Visitor
from vae.runs import queue, store

ANNA, BEN = (Visitor(letter * 32) for letter in "ab")
TEACHER = Visitor("c" * 32, teacher=True)
TOKEN = "a long token"


@pytest.fixture(autouse=True)
def public(home, monkeypatch):
    monkeypatch.setenv("VAE_PUBLIC", "1")
    monkeypatch.setenv("VAE_TEACHER_TOKEN", TOKEN)
    room = SimpleNamespace(free=10**10)  # Whatever the disk of this machine has.
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: room)
    rates.forget()


def run_of(visitor, name, ended=True):
    """A run of a visitor that waits, or has ended."""
    run = store.create(Params(), name, owner=visitor.id)
    if ended:
        Worker(run).start().end()
    else:
        queue.submit(run.id)
    return run


def model_of(visitor, name):
    registry.add(registry.load("classic"), name, visitor.id)
