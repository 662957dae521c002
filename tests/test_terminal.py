import json
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from vae import Params, load, paths


def vae(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "vae", *map(str, arguments)],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        **more,
    )


def test_train_then_evaluate(tmp_path):
    out = tmp_path / "new" / "model.safetensors"
    options = ["--encoder-layers", "64,32", "--z_dim", 3, "--activation", "relu"]
    trained = vae("train", "--epochs", 1, *options, "--out", out)
    assert trained.returncode == 0, trained.stderr
    lines = [line for line in trained.stderr.splitlines() if line]
    assert all(line.startswith("Epoch 1/1: ") for line in lines)
    for part in ("600/600", "batch/s", "loss=", "recon=", "kl=", "cls="):
        assert part in lines[-1]
    assert "Validation loss: " in trained.stdout

    model = load(out)
    assert model.params == Params(encoder_layers=[64, 32], z_dim=3, activation="relu", epochs=1)
    figures = json.loads(vae("evaluate", out, "--json").stdout)
    assert figures.pop("confusion") == model.metrics["confusion"]
    assert {name: model.metrics[name] for name in figures} == pytest.approx(figures, rel=1e-5)
    assert figures["accuracy"] > 0.9
    table = vae("evaluate", out).stdout
    assert f"{figures['accuracy']:.4f}" in table
    assert f"{figures['active_units']} of 3" in table
    assert "SSE (z sampled)" in table and "SSE (z = mu)" in table


def test_ctrl_c_keeps_the_last_finished_epoch(tmp_path):
    out = tmp_path / "model.safetensors"
    with subprocess.Popen(
        [sys.executable, "-m", "vae", "train", "--epochs", "100", "--out", out],
        cwd=paths.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONUNBUFFERED": "1"},
    ) as training:
        lines = iter(training.stdout.readline, "")
        assert next(line for line in lines if "Validation loss" in line)
        training.send_signal(signal.SIGINT)
        _, stderr = training.communicate(timeout=60)
    assert training.returncode == 0, stderr
    kept = len(load(out).history)
    assert f"Stopped; epoch {kept} is kept." in stderr
    assert "Traceback" not in stderr
    assert load(out).metrics["accuracy"] > 0.9


def test_ctrl_c_before_there_is_anything(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "vae", "train", "--out", tmp_path / "m.safetensors"],
        cwd=paths.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as training:
        assert "the first batch waits for the compiler" in training.stdout.readline()
        training.send_signal(signal.SIGINT)
        _, stderr = training.communicate(timeout=60)
    assert training.returncode == 130
    assert stderr == "Stopped.\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "--epochs", "0", "--out", "x"], "epochs must be a whole number between 1"),
        (["train", "--epochs", "many", "--out", "x"], "epochs must be a whole number"),
        (["train", "--decoder-std", "nan", "--out", "x"], "decoder_std must be a number"),
        (["train", "--out", "/dev/null/x"], "/dev/null/x cannot be written"),
        (["evaluate", "nobody"], "There is no model 'nobody'"),
        (["evaluate", "Makefile"], "is no safetensors file"),
        (["generate", "classic", "--digits", "12x", "--out", "x"], "--digits must be"),
        (["generate", "classic", "--rows", "0", "--out", "x"], "--rows"),
        (["generate", "classic", "--out", "/no/such/place.png"], "No such file or directory"),
    ],
)
def test_bad_input_is_one_sentence(arguments, sentence):
    done = vae(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_generate(tmp_path):
    out = tmp_path / "grid.png"

    def grid(**options):
        flags = [part for name, value in options.items() for part in (f"--{name}", value)]
        done = vae("generate", "classic", *flags, "--out", out)
        assert done.returncode == 0, done.stderr
        return np.asarray(Image.open(out))

    first = grid(digits="0123456789", rows=8, seed=7)
    assert first.shape == (8 * 56, 10 * 56)
    assert np.array_equal(first, grid(digits="0123456789", rows=8, seed=7))
    assert not np.array_equal(first, grid(digits="0123456789", rows=8, seed=8))
    # A column is a digit, a row a z: asking for less gives the same corner.
    assert np.array_equal(first[: 2 * 56, 3 * 56 : 5 * 56], grid(digits="34", rows=2, seed=7))
