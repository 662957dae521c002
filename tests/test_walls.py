"""Who may know whom."""

import ast
import subprocess
import sys

import pytest

from vae import settings


def _loaded(code):
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_the_package_loads_nothing():
    assert not _loaded("import vae") & {"tensorflow", "keras", "numpy", "pydantic", "scipy"}


@pytest.mark.parametrize(
    "module",
    [
        "model.numpy_model",
        "data.preprocess",
        "model.weights",
        "evaluation",
        "runs.run",
        "model.latent",
    ],
)
def test_what_a_page_imports_is_free_of_tensorflow(module):
    assert not _loaded(f"import vae.{module}") & {"tensorflow", "keras", "streamlit"}


def test_using_a_shipped_model_takes_no_tensorflow():
    loaded = _loaded("import vae; m = vae.load('classic'); m.generate(3); m.predict([0] * 784)")
    assert not loaded & {"tensorflow", "keras"}


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [("vae", {"streamlit", "ui", "pages", "app"}), ("ui", {"pages", "app"}), ("pages", {"app"})],
)
def test_nobody_imports_upwards(room, forbidden):
    for file in (settings.ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not {name.split(".")[0] for name in names} & forbidden, file


def test_every_public_name_is_there():
    import vae

    assert all(getattr(vae, name) for name in vae.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        vae.nothing  # noqa: B018
