"""What XLA has compiled is used again, and never if it is damaged."""

import os
import subprocess
import sys

import pytest

from vae import settings
from vae.training import compile_cache

COMPILE = """
from vae.training import compile_cache
compile_cache.enable()
import tensorflow as tf
assert tf.function(lambda x: x * x + 1, jit_compile=True)(tf.ones(3)).numpy().sum() == 6
"""


def compile_in(home):
    return subprocess.run(
        [sys.executable, "-c", COMPILE],
        cwd=settings.ROOT,
        env=os.environ | {"VAE_HOME": str(home), "TF_XLA_FLAGS": ""},
        capture_output=True,
        text=True,
    )


def keep(folder, **contents):
    """Files as an earlier process has left them, the newest first."""
    for age, (name, content) in enumerate(contents.items()):
        path = folder / f"{name}.pb"
        path.write_bytes(content)
        os.utime(path, (1e9 - age, 1e9 - age))
    compile_cache.save_checksums()


def test_tensorflow_reads_what_was_compiled(tmp_path, monkeypatch):
    compiled = compile_in(tmp_path)
    assert compiled.returncode == 0, compiled.stderr
    (path,) = tmp_path.glob("compiled/*/*.pb")
    monkeypatch.setattr(settings, "HOME", tmp_path)
    keep(path.parent, **{path.stem: path.read_bytes()[:100]})
    assert compile_in(tmp_path).returncode != 0, "without a checksum it would be damaged code"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_enable_lazy_compilation=true")
    folder = compile_cache._folder()
    folder.mkdir(parents=True)
    return folder


def enabled():
    flags = os.environ["TF_XLA_FLAGS"]
    assert flags.startswith("--tf_xla_enable_lazy_compilation=true"), "what was set stays"
    return "--tf_xla_persistent_cache_directory=" in flags


@pytest.mark.parametrize("checksums", [None, "[", "[1]", '{"new.pb": 3}'])
def test_only_whole_and_recent_files_stay(folder, monkeypatch, checksums):
    keep(folder, new=bytes(400), damaged=bytes(9), older=bytes(400), oldest=bytes(400))
    (folder / "damaged.pb").write_bytes(b"x")
    (folder / "unfinished.pb").write_bytes(b"x")
    (folder / "left.pb.tmp").write_bytes(b"x")
    os.utime(folder / "left.pb.tmp", (1e9, 1e9))
    (folder / "being-written.pb.tmp").write_bytes(b"x")
    if checksums:
        (folder / compile_cache.CHECKSUMS).write_text(checksums)
    monkeypatch.setattr(compile_cache, "MAX_BYTES", 1000)
    compile_cache.enable()
    assert enabled() and str(folder) in os.environ["TF_XLA_FLAGS"]
    whole = set() if checksums else {"new.pb", "older.pb"}
    kept = {compile_cache.CHECKSUMS, "being-written.pb.tmp"} | whole
    assert {path.name for path in folder.iterdir()} == kept


def test_without_a_folder_or_room_a_training_compiles_by_itself(folder, monkeypatch):
    with monkeypatch.context() as full:
        full.setattr(compile_cache, "MIN_FREE", 1 << 60)
        compile_cache.enable()
        assert not enabled()
    monkeypatch.setattr(settings, "HOME", folder / "with a space")
    compile_cache.enable()
    assert not enabled()
    (folder / "file").write_text("")
    monkeypatch.setattr(settings, "HOME", folder / "file")
    compile_cache.enable()
    compile_cache.save_checksums()
    assert not enabled()
