"""What XLA has compiled is used again, and never if it is damaged."""

import hashlib
import os
import subprocess
import sys

import pytest

from vae import settings
from vae.training import compile_cache

TRAINING = """
import hashlib
import numpy as np
from vae.training import compile_cache
compile_cache.enable()
from vae.training.quiet import quick_import
with quick_import():
    from vae.training.loop import Training
from vae import Params
from vae.data.mnist import Data, Examples

images = np.random.default_rng(0).random((600, 784), np.float32)
few = Examples(images, np.arange(600, dtype=np.int32) % 10)
params = Params(encoder_layers=(8,), decoder_layers=(8,), digit_classification_layers=(8,))
training = Training(params, Data(few, few))
training.advance()
compile_cache.keep()
for name, tensor in sorted(training.model.to_trained().tensors.items()):
    print(name, hashlib.sha256(tensor.tobytes()).hexdigest())
"""


def train(home):
    return subprocess.run(
        [sys.executable, "-c", TRAINING],
        cwd=settings.ROOT,
        env=os.environ | {"VAE_HOME": str(home), "TF_XLA_FLAGS": ""},
        capture_output=True,
        text=True,
    )


def write(path, content, checksum=None):
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest() if checksum is None else checksum
    path.with_name(f"{path.name}.sha256").write_text(digest)


def test_it_is_read_and_if_it_is_damaged_compiled_anew(tmp_path):
    compiled = train(tmp_path)
    assert compiled.returncode == 0, compiled.stderr
    (path,) = tmp_path.glob("compiled/*/*.pb")
    whole = path.read_bytes()
    half = whole[: len(whole) // 2]
    write(path, half)
    assert train(tmp_path).returncode != 0, "TensorFlow does read it"
    write(path, half, checksum=hashlib.sha256(whole).hexdigest())
    mended = train(tmp_path)
    assert mended.stdout == compiled.stdout
    assert len(path.read_bytes()) > len(half)


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


def test_only_whole_and_recent_files_stay(folder, monkeypatch):
    for age, name in enumerate(("new", "older", "oldest")):
        write(folder / f"{name}.pb", bytes(400))
        os.utime(folder / f"{name}.pb", (1e9 - age, 1e9 - age))
    write(folder / "torn.pb", b"", checksum=hashlib.sha256(b"whole").hexdigest())
    (folder / "unfinished.pb").write_bytes(b"x")
    (folder / "damaged.pb").write_bytes(b"x")
    (folder / "damaged.pb.sha256").write_bytes(b"\xff\xfe")
    (folder / "gone.pb.sha256").write_text("0")
    (folder / "left.pb.tmp").write_bytes(b"x")
    os.utime(folder / "left.pb.tmp", (1e9, 1e9))
    (folder / "being-written.pb.tmp").write_bytes(b"x")
    monkeypatch.setattr(compile_cache, "MAX_BYTES", 1000)
    compile_cache.enable()
    assert enabled() and str(folder) in os.environ["TF_XLA_FLAGS"]
    kept = {"new.pb", "new.pb.sha256", "older.pb", "older.pb.sha256", "being-written.pb.tmp"}
    assert {path.name for path in folder.iterdir()} == kept
    (folder / "compiled.pb").write_bytes(b"code")
    compile_cache.keep()
    compile_cache.enable()
    assert (folder / "compiled.pb").read_bytes() == b"code"


def test_without_a_folder_or_room_a_training_compiles_by_itself(folder, monkeypatch):
    with monkeypatch.context() as full:
        full.setattr(compile_cache, "MIN_FREE", 1 << 60)
        compile_cache.enable()
        assert not enabled()
    spaced = folder / "with a space"
    monkeypatch.setattr(settings, "HOME", spaced)
    compile_cache.enable()
    assert not enabled()
    (folder / "file").write_text("")
    monkeypatch.setattr(settings, "HOME", folder / "file")
    compile_cache.enable()
    compile_cache.keep()
    assert not enabled()
