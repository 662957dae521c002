"""No test leaves a thread, a process or a listening socket behind."""

import contextlib
import os
import threading
import time
from pathlib import Path

import pytest

_of_the_session: set[threading.Thread] = set()
"""Threads of what all modules share."""


@contextlib.contextmanager
def shared_by_all_modules():
    """The threads that are started meanwhile may outlive the module that does it."""
    before = set(threading.enumerate())
    yield
    _of_the_session.update(set(threading.enumerate()) - before)


@pytest.fixture(scope="module", autouse=True)
def no_threads_left():
    """A thread that outlives its test module fails it: it would disturb the tests of others."""
    before = set(threading.enumerate())
    yield
    left = lambda: set(threading.enumerate()) - before - _of_the_session  # noqa: E731
    _await_none(left, "threads")


@pytest.fixture(scope="session", autouse=True)
def no_processes_or_sockets_left(tmp_path_factory):
    """Nothing that the tests started runs or listens at their end."""
    home = tmp_path_factory.getbasetemp()
    before = _processes(home), _listening()
    yield
    _await_none(lambda: _processes(home) - before[0], "processes")
    _await_none(lambda: _listening() - before[1], "listening sockets")


def _await_none(left, kind, seconds=10):
    deadline = time.monotonic() + seconds
    while (found := left()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not found, f"{kind} are left: {found}"


def processes(home):
    """The commands of all that work in a home or in one below it, by their process ids."""
    home = f"VAE_HOME={home}/"
    found = {}
    for pid in map(int, (path.name for path in Path("/proc").glob("[0-9]*"))):
        with contextlib.suppress(OSError):  # It may have ended.
            if any(f"{text}/".startswith(home) for text in _texts(pid, "environ")):
                found[pid] = " ".join(_texts(pid, "cmdline"))
    return found


def _texts(pid, file):
    return (Path("/proc") / str(pid) / file).read_bytes().decode(errors="replace").split("\0")


def _processes(home):
    """All that work in a home of the tests, and the children of this process."""
    found = processes(home)
    for path in Path("/proc/self/task").glob("*/children"):
        for pid in map(int, path.read_text().split()):
            with contextlib.suppress(OSError):
                found[pid] = " ".join(_texts(pid, "cmdline"))
                if "multiprocessing" in found[pid]:  # It ends with this process.
                    del found[pid]
    return {item for item in found.items() if item[1]}  # One that has ended has no command.


def _listening():
    """The inodes of the TCP sockets at which this process listens."""
    own = set()
    for handle in Path("/proc/self/fd").glob("*"):
        with contextlib.suppress(OSError):
            own.add(os.readlink(handle))  # noqa: PTH115
    tables = [path.read_text().splitlines()[1:] for path in Path("/proc/net").glob("tcp*")]
    rows = [line.split() for table in tables for line in table]
    return {row[9] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own}
