"""Which layer imports which."""

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


FREE = [
    "animation",
    "data.preprocess",
    "data.shape",
    "data.strokes",
    "analysis.evaluation",
    "files.export",
    "files.betas",
    "analysis.bounds",
    "analysis.gradient",
    "analysis.latent",
    "analysis.latent_map",
    "model.numpy_model",
    "analysis.projection",
    "analysis.readings",
    "files.weights",
    "public.actions",
    "runs.run",
    "runs.shipped",
]


def test_what_a_page_imports_is_free_of_tensorflow():
    code = "; ".join(f"import vae.{module}" for module in FREE)
    assert not _loaded(code) & {"tensorflow", "keras", "streamlit"}


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


PAST_THE_RULE = {
    ("store", "get"),
    ("store", "summaries"),
    ("store", "all_ids"),
    ("store", "list_ids"),
    ("registry", "available"),
}
"""What gives runs and models whoever the visitor is."""


def test_pages_get_runs_and_models_by_the_rule_of_public_mode():
    for room in ("ui", "pages"):
        for file in (settings.ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    assert (node.value.id, node.attr) not in PAST_THE_RULE, file


LAYERS = [
    {"errors", "settings"},
    {"storage"},
    {"database"},
    {"migrations"},
    {"data.mnist"},
    {"params", "presets", "images", "animation", "data"},
    {"model"},
    {"analysis"},
    {"files"},
    {"training"},
    {"runs"},
    {"public"},
    {"cli"},
    {"__main__"},
]
"""From the lowest to the highest; the modules of one layer may import each other."""


def layer(module):
    parts = module.split(".")
    names = {".".join(parts[: i + 1]) for i in range(len(parts))}
    return min(i for i, layer in enumerate(LAYERS) if names & layer)


def test_within_the_package_imports_go_down_only():
    root = settings.ROOT / "vae"
    for file in root.rglob("*.py"):
        own = ".".join(file.relative_to(root).with_suffix("").parts)
        if file.name == "__init__.py":  # The package's own imports a name on its first use.
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("vae"):
                base = node.module.removeprefix("vae").lstrip(".")
                for alias in node.names:
                    # A name of the bare package, or of one of its folders, is a module.
                    inside = not base or (root / base).is_dir()
                    name = ".".join(filter(None, [base, alias.name])) if inside else base
                    assert layer(name) <= layer(own), f"{own} imports {name}"


def test_every_public_name_is_there():
    import vae

    assert all(getattr(vae, name) for name in vae.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        vae.nothing  # noqa: B018
