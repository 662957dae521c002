"""Generated digits as a file: the same from Python and the terminal, in parts of a fixed size."""

import numpy as np
import pytest

import vae
from vae import cli
from vae.analysis.latent import digits_own
from vae.data.mnist import one_hot
from vae.errors import UsageError
from vae.files import export
from vae.model.numpy_model import BATCH, TrainedVAE


def test_the_file_is_the_same_from_python_and_from_the_terminal(tmp_path, classic, capsys):
    dataset = vae.generate_dataset(classic, 2345, 7, [1, 4, 9], own=True, spread=0.8)
    dataset.save(tmp_path / "python.npz")
    options = "--count 2345 --seed 7 --digits 149 --source own --spread 0.8"
    assert (
        cli.main(["generate", "classic", "--npz", str(tmp_path / "t.npz"), *options.split()]) == 0
    )
    assert (tmp_path / "t.npz").read_bytes() == (tmp_path / "python.npz").read_bytes()
    with np.load(tmp_path / "t.npz") as file:
        assert sorted(file) == ["x", "y"]
        assert file["x"].shape == (2345, 28, 28) and file["x"].dtype == np.uint8
        assert file["y"].tolist() == [1, 4, 9] * 781 + [1, 4]
    assert "2345/2345" in capsys.readouterr().err


def test_an_image_is_what_the_model_decodes_from_its_z(classic):
    dataset = vae.generate_dataset(classic, 1500, 3)
    assert dataset.y.tolist() == [*range(10)] * 150
    z = np.random.default_rng(3).standard_normal((1500, 10), np.float32)
    expected = 255 * classic.decode(z, one_hot(dataset.y))
    assert np.abs(dataset.x.reshape(-1, 784) - expected).max() <= 0.51
    more = vae.generate_dataset(classic, 2100, 3)
    assert np.array_equal(more.x[:1500], dataset.x), "a larger count only adds"
    own = vae.generate_dataset(classic, 20, 3, own=True)
    means = digits_own(classic.digit_gaussians, own.y[:10], z[:20])
    expected = 255 * classic.decode(means[np.arange(20) % 10, np.arange(20)], one_hot(own.y))
    assert np.abs(own.x.reshape(-1, 784) - expected).max() <= 0.51
    still = vae.generate_dataset(classic, 30, 3, [5], spread=0)
    assert (still.x == still.x[0]).all()


def test_without_labels_the_classifier_labels_the_images():
    model = vae.load("classic")
    params = model.params.model_copy(update={"decoder_sees": "nothing"})
    tensors = dict(model.tensors)
    name = next(name for name in tensors if name.startswith("decoder") and tensors[name].ndim == 2)
    tensors[name] = tensors[name][: params.z_dim]
    unlabelled = TrainedVAE(params, tensors)
    dataset = vae.generate_dataset(unlabelled, 50, 1)
    x = dataset.x.reshape(-1, 784) / np.float32(255)
    read = unlabelled.classify(x).argmax(1)
    assert (dataset.y == read).mean() > 0.9, "rounded to bytes, a few may be read otherwise"


def test_only_a_part_is_in_memory_as_floats(monkeypatch, classic):
    sizes = []
    decode = TrainedVAE.decode

    def noted(self, z, *arguments):
        sizes.append(len(z))
        return decode(self, z, *arguments)

    monkeypatch.setattr(TrainedVAE, "decode", noted)
    vae.generate_dataset(classic, 2 * BATCH + 1)
    assert sizes == [BATCH, BATCH, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0},
        {"count": export.MAX_COUNT + 1},
        {"digits": []},
        {"digits": [10]},
        {"seed": -1},
        {"spread": float("nan")},
        {"spread": -1.0},
        {"spread": 1e300},
    ],
)
def test_wrong_arguments_are_named(classic, wrong):
    with pytest.raises(UsageError):
        vae.generate_dataset(classic, **{"count": 1} | wrong)


def test_the_terminal_refuses_what_it_cannot_make(tmp_path, capsys):
    path = str(tmp_path / "x.npz")
    assert cli.main(["generate", "classic", "--npz", path, "--count", "70000"]) == 2
    assert "1 to 60000" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["generate", "classic"])
    for file, options in (
        ("--npz", ("--rows 8",)),
        ("--out", ("--count 5", "--source own", "--spread 1", "--count 0")),
    ):
        for option in options:
            assert cli.main(["generate", "classic", file, path, *option.split()]) == 2
            name, other = option.split()[0], "--out" if file == "--npz" else "--npz"
            assert f"{name} needs {other}" in capsys.readouterr().err
    assert not (tmp_path / "x.npz").exists()
