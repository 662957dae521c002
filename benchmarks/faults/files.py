"""Each small file of a run, of the queue and of names, fuzzed: bytes changed, values replaced."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.faults import bad_input, specimen
from benchmarks.faults.bad_input import Rng
from benchmarks.faults.tally import Tally, check, check_sentence
from vae import settings
from vae.errors import VAELabError
from vae.model import knobs, owners, registry
from vae.runs import dispatcher, queue, store
from vae.runs.dispatcher import Dispatcher, FailedStart
from vae.runs.run import Run
from vae.runs.summary import RunLog
from vae.storage import atomic_write

COUNT, QUICK = 200, 25
"""The number of damaged versions of each file."""

PAGES, PAGES_QUICK = 10, 2
"""The number of these with which the pages are opened."""

CRASH = '{"version":2,"at":1.0,"event":"failed","message":"The disk is full."}'


def run(quick: bool) -> Iterator[Tally]:
    """A row for each file; and one for the pages with some of them."""
    rng = np.random.default_rng(2)
    run = specimen.trained()
    whole = {path.name: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}
    whole["crash-record"] = CRASH.encode()
    pages = Tally("fuzzed files of a run: the pages")
    reports = Tally("fuzzed files of a run: table, report and animation")
    actions = Tally("fuzzed files of a run: steered, annotated, its log continued")
    count, shown = (QUICK, PAGES_QUICK) if quick else (COUNT, PAGES)
    with specimen.no_dispatcher():
        for name, fuzzed in FUZZED.items():
            tally = Tally(f"`{name}` fuzzed")
            for i in range(count):
                content = fuzzed(whole[name], rng)
                path = run.folder / name
                path.write_bytes(content)
                label = content[:300]
                tally.trial(partial(specimen.look, run.id), label)
                if i < shown:
                    pages.trial(partial(specimen.open_pages, run.id), label)
                    reports.trial(partial(specimen.download, run.id), label)
                actions.trial(partial(_steer, run.id), label)
                _restore(run.folder, whole)
            yield tally
        yield from (pages, reports, actions)
        yield _queue(run, rng, count)
        names, owned = b'{"conv": {"3": "slant"}}', b'{"mine": {"owner": "3f", "shared": true}}'
        yield _beside(knobs.BESIDE, names, _name_knob, rng, count)
        yield _beside(owners.FILE, owned, _give_away, rng, count)


def _steer(run_id: str) -> str:
    """Steer and annotate the run; go on with its log as its worker would."""
    RunLog(settings.RUNS / run_id).close()
    try:
        run = store.get(run_id)
        run.request(live_params={"kl_weight": 3.0}, single_steps=1)
        run.describe("Another title", "Another note")
    except VAELabError as error:
        check_sentence(error)
        return "refused in a sentence"
    return "done"


def _restore(folder: Path, whole: dict[str, bytes]) -> None:
    for name, content in whole.items():
        if name != "crash-record" and (folder / name).read_bytes() != content:
            atomic_write(folder / name, content)
    (folder / "crash-record").unlink(missing_ok=True)


def _queue(run: Run, rng: Rng, count: int) -> Tally:
    """The queue, as pages and dispatcher use it."""
    tally = Tally("`queue.json` fuzzed")
    ids = [run.id, "missing-20260101-000000"]
    odd = ["../..", "a\0b", "\ud800", "", ".", "/", "x" * 5000, run.id, "-1-2", "a/b-1-2"]
    for _ in range(count):
        entries = [*ids, *(odd[i] for i in rng.integers(0, len(odd), int(rng.integers(0, 4))))]
        content = _json(json.dumps(entries).encode(), rng) if rng.random() < 0.5 else None
        text = json.dumps(entries).encode() if content is None else content
        (settings.RUNS / "queue.json").write_bytes(text)
        tally.trial(partial(_use_queue, run), text[:300])
    queue.cancel(run.id)
    return tally


def _use_queue(run: Run) -> str:
    before = queue.ids()
    specimen.look(run.id)
    handed_out = Dispatcher(_Reader())
    handed_out.hand_out(handed_out.waiting())
    handed_out.collect()
    queue.submit(run.id)
    queue.move(run.id, -1)
    check(queue.position(run.id), "it does not wait")
    run.stop()
    check(run.id not in queue.ids(), "it still waits")
    return "used" if before else "counted as empty, and kept aside"


class _Reader:
    """An executor that only looks whether a run can be read, as a worker does first."""

    def available(self) -> bool:
        return True

    def slots(self) -> int:
        return 100

    def submit(self, run_id: str) -> dispatcher.Job:
        Run(settings.RUNS / run_id)
        return FailedStart(RuntimeError("It is not trained here."))


def _beside(name: str, content: bytes, use: Callable[[], object], rng: Rng, count: int) -> Tally:
    """A file beside the models made here, which `use` reads and then changes."""
    tally = Tally(f"`{name}` fuzzed")
    settings.MODELS.mkdir(exist_ok=True)
    path = settings.MODELS / name
    for _ in range(count):
        fuzzed = _json(content, rng)
        atomic_write(path, fuzzed)
        tally.trial(partial(_use_beside, path, fuzzed, use), fuzzed[:300])
    path.unlink()
    return tally


def _use_beside(path: Path, content: bytes, use: Callable[[], object]) -> str:
    try:
        use()
    except VAELabError as error:
        check_sentence(error)
        check(path.read_bytes() == content, "a file that could not be read was replaced")
        return "named in a sentence"
    return "used"


def _name_knob() -> None:
    names = registry.load("conv").knob_names
    check(all(type(name) is str for name in names.values()), f"{names}")
    registry.name_knob("conv", 1, "tall")


def _give_away() -> None:
    owner = registry.ownership("mine").owner
    check(type(owner) is str, f"{owner}")
    owners.save("other", owners.Ownership("aa"), {"mine", "other"})


def _bytes(content: bytes, rng: Rng) -> bytes:
    return bad_input.damaged(content, rng)


def _json(content: bytes, rng: Rng) -> bytes:
    return bad_input.changed_text(content.decode(), rng).encode(errors="surrogateescape")


def _lines(content: bytes, rng: Rng) -> bytes:
    """A log in which some lines are changed, lost, doubled or in another order."""
    lines = content.splitlines()
    for _ in range(int(rng.integers(1, 6))):
        at = int(rng.integers(len(lines)))
        match rng.integers(6):
            case 0:
                lines[at : at + 1] = []
            case 1:
                lines[at:at] = lines[at : at + 3]
            case 2:
                other = int(rng.integers(len(lines)))
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = bad_input.damaged(lines[at], rng)
            case _:
                text = lines[at].decode(errors="replace")
                try:
                    lines[at] = bad_input.changed_text(text, rng).encode(errors="surrogateescape")
                except (ValueError, RecursionError):  # It has been changed before.
                    lines[at] = b"{}"
    return b"\n".join(lines) + b"\n"


FUZZED: dict[str, Callable[[bytes, Rng], bytes]] = {
    "params.json": _json,
    "about.json": _json,
    "control.json": _json,
    "control.backup.json": _json,
    "summary.json": _json,
    "crash-record": _json,
    "events.jsonl": _lines,
    "checkpoint.safetensors": _bytes,
}
