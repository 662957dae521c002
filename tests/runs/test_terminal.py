import json
import os
import shlex
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import TIMEOUT, wait_until
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from PIL import Image
from strategies import params_strategy

from vae import Params, cli, load, save, settings
from vae.files.weights import read_run_id
from vae.runs import store
from vae.storage import file_lock

ENDLESS = ["--encoder-layers=16", "--decoder-layers=16", "--batch-size=1000", "--epochs=1000"]
ENDLESS += ["--augmentation=0.1"]  # Without XLA, whose compiler takes longer than these epochs.


@pytest.fixture
def vae(home, monkeypatch, capfd):
    """Run a command in this process, with the runs kept elsewhere."""
    monkeypatch.setenv("TF_XLA_FLAGS", os.environ.get("TF_XLA_FLAGS", ""))  # A training sets it.

    def run(*arguments):
        capfd.readouterr()
        status = cli.main(list(map(str, arguments)))
        return SimpleNamespace(returncode=status, **capfd.readouterr()._asdict())

    return run


def with_sigint():
    """Handle SIGINT even if the tests run with it ignored, as `nohup make test &` does."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def terminal(*options):
    return subprocess.Popen(
        [sys.executable, "-m", "vae", "train", *map(str, options)],
        cwd=settings.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        preexec_fn=with_sigint,
    )


def test_a_knob_of_a_file_is_named(tmp_path, vae):
    path = tmp_path / "mine.safetensors"
    save(path, load("classic"), "mine-20260101-000000")
    assert vae("name", path, 3, "slant").returncode == 0
    assert load(path).knob_names[3] == "slant"
    assert read_run_id(path) == "mine-20260101-000000"
    refused = vae("name", path, 99, "slant")
    assert refused.returncode == 2 and "has no z99" in refused.err


def test_train_then_evaluate(tmp_path, vae):
    out = tmp_path / "model.safetensors"
    out.write_text("precious")
    options = ["--encoder-layers", "64,32", "--z_dim", 3, "--activation", "relu"]
    command = ["--epochs", 1, *options, "--out", out]
    refused = vae("train", *command)
    assert refused.returncode == 2 and "--force replaces it" in refused.err
    assert out.read_text() == "precious"
    training = vae("train", *command, "--force")
    assert training.returncode == 0
    assert "Finished; the model of epoch 1 is saved." in training.out
    lines = [line for line in training.err.splitlines() if line]
    assert all(line.startswith("Epoch 1/1: ") for line in lines)
    for part in ("550/550", "batch/s", "loss=", "recon=", "kl=", "cls="):
        assert part in lines[-1]
    assert "Validation Loss: " in training.out

    model = load(out)
    assert model.params == Params(encoder_layers=[64, 32], z_dim=3, activation="relu", epochs=1)
    (run,) = map(store.get, store.list_ids())
    assert run.name == "model" and run.params == model.params
    assert run.status().history.epochs[1:] == model.history
    figures = json.loads(vae("evaluate", out, "--json").out)
    assert figures.pop("confusion") == model.metrics["confusion"]
    assert {name: model.metrics[name] for name in figures} == pytest.approx(figures, rel=1e-5)
    assert figures["accuracy"] > 0.9
    table = vae("evaluate", out).out
    assert f"{figures['accuracy']:.4f}" in table
    assert f"{figures['active_units']} of 3" in table
    assert "SSE (z sampled)" in table and "SSE (z = mu)" in table


def test_ctrl_c_keeps_the_last_finished_epoch(tmp_path, vae):
    out = tmp_path / "model.safetensors"
    with terminal(*ENDLESS, "--out", out) as training:
        lines = iter(training.stdout.readline, "")
        assert next(line for line in lines if "Validation Loss" in line)
        training.send_signal(signal.SIGINT)
        _, stderr = training.communicate(timeout=TIMEOUT)
    assert training.returncode == 0, stderr
    kept = len(load(out).history)
    assert "Traceback" not in stderr
    (run,) = map(store.get, store.list_ids())
    assert run.status().state == "stopped"
    assert run.status().message == f"Stopped; the model of epoch {kept} is saved."
    assert "accuracy" in load(out).metrics

    listed = vae("runs").out
    assert run.id in listed and " stopped " in listed and f"epoch {kept:>3}" in listed

    # The terminal's training does what the page requests, and what was stopped goes on.
    def stop_later():
        wait_until(lambda: len(load(out).history) > kept)
        run.stop()

    with ThreadPoolExecutor(1) as page:
        stopped = page.submit(stop_later)
        assert vae("train", "--resume", run.id).returncode == 0
        stopped.result()


def while_tensorflow_is_imported(process, run):
    return "libtensorflow" in Path(f"/proc/{process.pid}/maps").read_text()


def while_the_graph_is_traced(process, run):
    return run.status().history.epochs


@pytest.mark.parametrize("moment", [while_tensorflow_is_imported, while_the_graph_is_traced])
def test_ctrl_c_before_there_is_anything(moment, home, tmp_path):
    out = tmp_path / "m.safetensors"
    with terminal("--batch-size=20", "--augmentation=0.1", "--out", out) as training:
        assert "the first batch waits for the compiler" in training.stdout.readline()
        (run,) = map(store.get, store.list_ids())
        wait_until(lambda: moment(training, run))
        training.send_signal(signal.SIGINT)
        _, stderr = training.communicate(timeout=TIMEOUT)
    assert training.returncode == 130
    assert stderr.endswith("\nStopped.\n") and "press Ctrl-C again" in stderr
    assert "Traceback" not in stderr
    status = run.status()
    assert (status.state, status.message) == ("stopped", "Stopped; no epoch was finished.")
    assert not out.exists()


def test_a_second_ctrl_c_ends_at_once(home, tmp_path):
    with terminal(*ENDLESS, "--out", tmp_path / "m.safetensors") as training:
        training.stdout.readline()
        (run,) = map(store.get, store.list_ids())
        with file_lock(run.folder / "control.lock"):  # The first one's request has to wait.
            training.send_signal(signal.SIGINT)
            lines = iter(training.stderr.readline, "")
            assert any("press Ctrl-C again" in line for line in lines)
            training.send_signal(signal.SIGINT)
            assert training.wait(TIMEOUT) == 130
        assert training.stderr.read() == "\nEnded at once.\n"
    assert not run.status().has_worker
    run.resume()
    assert run.status().state == "queued"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "--epochs", "0", "--out", "x"], "epochs must be a whole number between 1"),
        (["train", "--epochs", "many", "--out", "x"], "epochs must be a whole number"),
        (["train", "--decoder-std", "nan", "--out", "x"], "decoder_std must be a number"),
        (["train", "--out", "/dev/null/x"], "/dev/null/x cannot be written"),
        (["train", "--resume", "nobody-20200101-000000"], "There is no run 'nobody-2020"),
        (["evaluate", "nobody"], "There is no model 'nobody'"),
        (["evaluate", "Makefile"], "is no safetensors file"),
        (["generate", "classic", "--digits", "12x", "--out", "x"], "--digits must be"),
        (["generate", "classic", "--rows", "0", "--out", "x"], "--rows"),
        (["generate", "classic", "--out", "/no/such/place.png"], "No such file or directory"),
    ],
)
def test_bad_input_is_one_sentence(vae, arguments, sentence):
    done = vae(*arguments)
    assert done.returncode == 2
    assert sentence in done.err
    assert len(done.err.strip().splitlines()) == 1


@given(params_strategy())
@hypothesis_settings(deadline=None, max_examples=50)
def test_options_and_parameters_are_the_same(params):
    from ui.runs.report import command

    python, m, package, *arguments = shlex.split(command(params))
    assert (python, m, package) == ("python", "-m", "vae")
    assert cli.params_of(cli.parse_arguments(arguments)) == params


def test_generate(tmp_path, vae):
    out = tmp_path / "grid.png"

    def grid(**options):
        flags = [part for name, value in options.items() for part in (f"--{name}", value)]
        done = vae("generate", "classic", *flags, "--out", out)
        assert done.returncode == 0, done.err
        return np.asarray(Image.open(out))

    first = grid(digits="0123456789", rows=8, seed=7)
    assert first.shape == (8 * 56, 10 * 56)
    assert np.array_equal(first, grid(digits="0123456789", rows=8, seed=7))
    assert not np.array_equal(first, grid(digits="0123456789", rows=8, seed=8))
    # A column is a digit, a row a z: asking for less gives the same corner.
    assert np.array_equal(first[: 2 * 56, 3 * 56 : 5 * 56], grid(digits="34", rows=2, seed=7))
