"""Run folders in which any subset of the files is missing or damaged."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.faults import bad_input, specimen
from benchmarks.faults.bad_input import Rng
from benchmarks.faults.tally import Tally, check, check_sentence
from vae import settings
from vae.errors import VAELabError
from vae.runs import queue, store

TEXTS = (
    *("params.json", "about.json", "events.jsonl", "control.json", "control.backup.json"),
    *("summary.json", "crash-record"),
)
"""The files from which the state of a run is known: all subsets of these are tried."""

NAMES = (
    *(*TEXTS, "last.safetensors", "best.safetensors", "checkpoint.safetensors", "samples"),
    *("control.lock", "lock"),
)
"""All files and folders of a run: random subsets of these are tried, too."""

RANDOM, QUICK = 100, 10
"""The number of random subsets for each kind of damage."""

PAGES, PAGES_QUICK = 6, 1
"""Subsets of each kind of damage with which pages are opened."""

ID = "specimen-20260101-000000"

_UNCHANGED = "left as they were"

Damage = Callable[[Path, Rng], None]


def run(quick: bool) -> Iterator[Tally]:
    """A row for each kind of damage, and for the pages and actions with such runs."""
    rng = np.random.default_rng(1)
    whole = settings.HOME / "whole"
    trained = specimen.trained()
    (trained.folder / "crash-record").unlink()
    trained.folder.rename(whole)
    pages, reports = Tally("damaged runs: the pages"), Tally("damaged runs: report and animation")
    actions = Tally("damaged runs: stopped, changed, resumed, deleted")
    with specimen.no_dispatcher():
        for what, damage in DAMAGES.items():
            tally = Tally(f"any files of a run {what}")
            for i, names in enumerate(_subsets(rng, quick)):
                folder = _copy(whole, names, damage, rng)
                good = specimen.fingerprints(folder)
                tally.trial(partial(specimen.look, ID), names)
                if i < (PAGES_QUICK if quick else PAGES):
                    pages.trial(partial(specimen.open_pages, ID), (what, names))
                    reports.trial(partial(specimen.download, ID), (what, names))
                tally.trial(partial(_unchanged, folder, good), names)
                actions.trial(partial(_act, ID), (what, names))
                _clear()
            tally.outcomes.pop(_UNCHANGED, None)
            yield tally
    yield from (pages, reports, actions)


def _subsets(rng: Rng, quick: bool) -> list[tuple[str, ...]]:
    """Subsets of the files' names, in an order of their own."""
    count = QUICK if quick else RANDOM
    chosen = [tuple(name for name in NAMES if rng.random() < 0.5) for _ in range(count)]
    if quick:
        return chosen
    counts = range(1, len(TEXTS) + 1)
    return [*chosen, *(names for count in counts for names in combinations(TEXTS, count))]


def _unchanged(folder: Path, before: dict[str, tuple[int, ...]]) -> str:
    """That nothing in the folder was written while it was looked at."""
    changed = {name for name, _ in specimen.fingerprints(folder).items() ^ before.items()}
    check(not changed, f"changed: {changed}")
    return _UNCHANGED


def _copy(whole: Path, names: tuple[str, ...], damage: Damage, rng: Rng) -> Path:
    """The run's folder, with hard links to the good files."""
    folder = settings.RUNS / ID
    (folder / "samples").mkdir(parents=True)
    for path in whole.rglob("*"):
        if path.is_file():
            os.link(path, folder / path.relative_to(whole))
    for name in names:
        damage(folder / name, rng)
    return folder


def _act(run_id: str) -> str:
    """Do with a run what a visitor can, the deletion last."""
    refused = 0
    try:
        run = store.get(run_id)
    except VAELabError:
        refused += 1
    else:
        for act in (
            lambda: run.request(live_params={"kl_weight": 3.0}),
            lambda: run.describe("Another title", "Another note"),
            run.resume,
            run.single_step,
            run.stop,
            lambda: run.publish(run.last, "published"),
        ):
            try:
                act()
            except VAELabError as error:
                check_sentence(error)
                refused += 1
        (settings.MODELS / "published.safetensors").unlink(missing_ok=True)
    try:
        store.delete(run_id)
    except VAELabError as error:
        check_sentence(error)
        refused += 1
    else:
        check(run_id not in store.list_ids(), "it is still there")
    return "done, but for what a sentence refuses" if refused else "done"


def _clear() -> None:
    """Leave no run behind, also not one that has just been deleted in part."""
    for folder in settings.RUNS.glob("*specimen-*"):
        for path in folder.rglob("*"):
            path.chmod(0o700)
        shutil.rmtree(folder)
    queue.cancel(ID)


def _remove(path: Path, rng: Rng) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write(content_of: Callable[[bytes, Rng], bytes]) -> Damage:
    """Each file gets the content that is made of its own; also each in a folder."""

    def damage(path: Path, rng: Rng) -> None:
        for file in [*path.iterdir()] if path.is_dir() else [path]:
            content = file.read_bytes() if file.exists() else b""
            file.unlink(missing_ok=True)  # It is a hard link.
            file.write_bytes(content_of(content, rng))

    return damage


def _of_another_type(content: bytes, rng: Rng) -> bytes:
    try:
        lines = [json.loads(line) for line in content.splitlines()]
    except ValueError:
        return json.dumps(bad_input.any_value(rng)).encode()
    lines = [bad_input.changed(line, rng) if rng.random() < 0.5 else line for line in lines]
    return "\n".join(map(json.dumps, lines)).encode() + b"\n"


def _replace_by_folder(path: Path, rng: Rng) -> None:
    """A folder in the place of a file, and a file in that of a folder."""
    folder = path.is_dir()
    _remove(path, rng)
    if folder:
        path.write_bytes(b"")
    else:
        path.mkdir()


def _close(path: Path, rng: Rng) -> None:
    if not path.exists():
        path.write_bytes(b"")
    elif path.is_file():
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    path.chmod(0)


DAMAGES: Mapping[str, Damage] = {
    "missing": _remove,
    "empty": _write(lambda content, rng: b""),
    "cut off": _write(lambda content, rng: content[: int(rng.integers(0, len(content) + 1))]),
    "of random bytes": _write(lambda content, rng: rng.bytes(int(rng.integers(1, 2000)))),
    "that are not UTF-8": _write(lambda content, rng: content.replace(b"e", b"\xe9\xff")),
    "of deep JSON": _write(
        lambda content, rng: bad_input.DEEP[int(rng.integers(len(bad_input.DEEP)))].encode()
    ),
    "with values of other types": _write(_of_another_type),
    "replaced by a folder": _replace_by_folder,
    "that cannot be read": _close,
}
