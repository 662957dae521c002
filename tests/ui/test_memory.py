"""The server's memory, in a process of its own."""

import os
import platform
import subprocess
import sys

import pytest
from conftest import ROOT

PROGRAM = """
import os, sys, time
from ui import memory

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

memory.keep_low(interval=0.05)
before = resident()
objects = [bytes(200) for _ in range(400_000)]
full = resident()
kept = objects[::100]
del objects
deadline = time.monotonic() + 60
while resident() - before > (full - before) / 2:
    time.sleep(0.05)
    assert time.monotonic() < deadline, "nothing is given back"
assert kept == 4000 * [bytes(200)]
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives back free pages")
def test_free_memory_between_what_is_used_is_given_back():
    environment = os.environ | {"PYTHONMALLOC": "malloc"}
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, check=True)
