"""The names of models and runs: the file of each name, and which names are taken.

A name belongs to a model that ships or was made here, or to a run, which reserves it
for its model for as long as the run exists. A name is checked and reserved in one transaction
(`vae.database.writing`), and a run never replaces a file that it did not write.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace as changed
from pathlib import Path

from sqlalchemy import select

from vae import settings
from vae.database import reading, runs, writing
from vae.errors import WeightsError, os_errors_as
from vae.files import knobs, owners, weights
from vae.files.owners import Ownership
from vae.files.weights import SUFFIX, content_with_names, read_knob_names, read_run_id, save
from vae.model.numpy_model import TrainedVAE
from vae.presets import PRESETS
from vae.storage import atomic_write, is_locked

_BEST = ("conv", "fast", "classic")
"""The models that ship with many latent dimensions, the best first."""

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def fit_name(text: str) -> str:
    """A text, such as a file's name, made fit to be a model's name."""
    fit = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).lstrip("-_")[:40].rstrip("-_")
    return fit or "uploaded"


def check_name(name: str) -> str:
    """`name` if it is fit to be a model's name and thus part of a file name.

    Raises:
        WeightsError: otherwise.
    """
    if not NAME.fullmatch(name):
        raise WeightsError(
            "A model's name is 1 to 40 small letters, digits, - or _, "
            f"and starts with a letter or digit; {name[:60]!r} is not."
        )
    return name


def available() -> dict[str, Path]:
    """The file of each model by its name: those that ship, the best first, then the newest."""
    names = [*_BEST, *(name for name in PRESETS if name not in _BEST)]
    shipped = {name: settings.SHIPPED / f"{name}{SUFFIX}" for name in names}
    found = {name: path for name, path in shipped.items() if path.exists()}
    others: list[tuple[float, Path]] = []
    for path in settings.MODELS.glob(f"*{SUFFIX}"):
        try:
            others.append((path.stat().st_mtime, path))
        except OSError:  # Deleted since it was listed.
            continue
    for _, path in sorted(others, reverse=True):
        if NAME.fullmatch(path.stem):
            found.setdefault(path.stem, path)
    return found


def is_shipped(name: str) -> bool:
    """Whether the model of that name comes with the project; it cannot be changed in the app."""
    return name in PRESETS


def is_shipped_file(path: Path) -> bool:
    """Whether the model in a file comes with the project."""
    return path.parent == settings.SHIPPED and is_shipped(path.stem)


def load(source: str | Path) -> TrainedVAE:
    """The trained model of that name (see `available`) or in the file at that path.

    Raises:
        WeightsError: as `vae.files.weights.load`.
    """
    return weights.load(available().get(str(source), Path(source)))


def name_knob(source: str | Path, dimension: int, name: str) -> None:
    """Name a latent dimension of a model; an empty name takes its name away.

    It may be named while the model is being trained. A model that ships is named by its path.

    Args:
        source: the model's name (see `available`), or the path of its file.
        dimension: 0 to z_dim - 1.
        name: what it is called from now on.

    Raises:
        WeightsError: if there is no such model or dimension, the name is not fit (see
            `vae.files.knobs.check_name`) or another dimension has it, the model ships, or its file
            cannot be written.
    """
    if is_shipped(str(source)):
        raise WeightsError(f"The model {str(source)!r} comes with the app and stays as it is.")
    with _changing("The name cannot be saved"):
        path = available().get(str(source), Path(source))
        model = weights.load(path)
        if not 0 <= dimension < model.params.z_dim:
            raise WeightsError(f"The model {str(source)!r} has no z{dimension}.")
        names = knobs.changed(model.knob_names, dimension, name)
        atomic_write(path, content_with_names(path, names))


@contextmanager
def _changing(problem: str) -> Iterator[None]:
    """While nobody else changes anything; raise an OSError as a WeightsError with this problem."""
    with os_errors_as(WeightsError, problem), writing():
        yield


def check_free(name: str) -> str:
    """`name` if a new model or run may have it.

    Raises:
        WeightsError: if it is not fit, or a model or a run has it.
    """
    check_name(name)
    if name in available():
        raise WeightsError(f"There is a model named {name!r} already; choose another name.")
    if name in _run_names():
        raise WeightsError(f"A run has the name {name!r} already; choose another name.")
    return name


def free_name(stem: str) -> str:
    """The first of stem-1, stem-2, … that no model and no run has."""
    taken = _names_in_use()
    return next(name for i in range(1, 10**6) if (name := f"{stem}-{i}") not in taken)


def _names_in_use() -> set[str]:
    return available().keys() | _run_names()


def _run_names() -> set[str]:
    with reading() as connection:
        return {*connection.scalars(select(runs.c.name))}


def ownership(name: str) -> Ownership:
    """To whom the model of that name belongs, which need not exist yet."""
    return Ownership(ships=True) if is_shipped(name) else owners.model_ownership(name)


def names_written_by(run_id: str) -> set[str]:
    """The models that were made here and whose file a run has written."""
    return {
        name
        for name, path in available().items()
        if not is_shipped(name) and read_run_id(path) == run_id
    }


def share(name: str, shared: bool) -> None:
    """Show a model that was made here to all visitors of a public server, or to none.

    Raises:
        WeightsError: if it ships or that cannot be saved.
    """
    if is_shipped(name):
        raise WeightsError(f"The model {name!r} comes with the app and is there for everyone.")
    with _changing("That cannot be saved"):
        owners.save(name, owners.model_ownership(name)._replace(shared=shared))


def add(model: TrainedVAE, name: str, owner: str = "") -> None:
    """Save a model under a name that is free, as that visitor's if there is an owner.

    Raises:
        WeightsError: if the name is taken or not fit, or the file cannot be written.
    """
    with _changing("The model cannot be saved"):
        settings.MODELS.mkdir(parents=True, exist_ok=True)
        path = settings.MODELS / f"{check_free(name)}{SUFFIX}"
        owners.save(name, Ownership(owner))
        save(path, model)


def save_for_run(path: Path, model: TrainedVAE, run_id: str, replace: bool = False) -> bool:
    """Save a run's model at `path`, unless another has written the file that is there.

    The names of knobs in an earlier file of the run stay.

    Args:
        path: where to.
        model: what.
        run_id: of the run; its id is written into the file.
        replace: whether a file of another may be replaced.

    Returns:
        Whether it was saved.

    Raises:
        WeightsError: if it cannot be written.
    """
    with _changing("The model cannot be saved"):
        if path.exists():
            if read_run_id(path) == run_id:
                names = read_knob_names(path, model.params.z_dim)
                model = changed(model, knob_names=names)
            elif not replace:
                return False
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path, model, run_id)
    return True


def rename(old: str, new: str) -> None:
    """Give a model that was trained or uploaded here another name.

    Raises:
        WeightsError: if there is no such model, it ships, or is being trained; if the new name
            is taken or not fit; if the file cannot be renamed.
    """
    with _changing("The model cannot be renamed"):
        path = _changeable(old)
        renamed = path.with_name(f"{check_free(new)}{SUFFIX}")
        owners.save(new, owners.model_ownership(old))
        owners.save(old, None)
        path.rename(renamed)


def delete(name: str) -> None:
    """Delete a model that was trained or uploaded here.

    Raises:
        WeightsError: if there is no such model, it ships, or is being trained; if the file
            cannot be deleted.
    """
    with _changing("The model cannot be deleted"):
        _changeable(name).unlink()
        owners.save(name, None)


def _changeable(name: str) -> Path:
    path = available().get(name)
    if not path:
        raise WeightsError(f"There is no model named {name!r}.")
    if is_shipped(name):
        raise WeightsError(f"The model {name!r} comes with the app and stays as it is.")
    with reading() as connection:
        its = [*connection.scalars(select(runs.c.id).where(runs.c.name == name))]
    if any(is_locked(settings.RUNS / run_id / "lock") for run_id in its):
        raise WeightsError(f"The model {name!r} is being trained; stop its run first.")
    return path
