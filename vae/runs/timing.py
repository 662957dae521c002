"""How long a preset takes to train."""

import platform
from collections.abc import Sequence

from vae import settings
from vae.errors import RunError
from vae.params import PRESETS
from vae.runs.run import Run
from vae.runs.store import list_ids
from vae.runs.summary import short_history

REFERENCE_SECONDS = {"classic": 18, "fast": 30, "conv": 402, "plane": 42, "unlabelled": 36}
"""Measured on two cores: the table of the presets in `docs/benchmarks.md`."""

_MAX_RUNS = 200
"""Runs, the newest, among which one of the preset is looked for."""


def expected_seconds(preset: str, run_ids: Sequence[str] | None = None) -> tuple[float, str]:
    """Seconds that a preset takes, and where the figure is from, in words.

    That is this machine's last finished run of the preset, or else `REFERENCE_SECONDS`.

    Args:
        preset: its name.
        run_ids: the runs that are looked at, the newest first; all by default.
    """
    seed = {"seed": 0}
    wanted = PRESETS[preset].model_copy(update=seed)
    for run_id in (list_ids() if run_ids is None else run_ids)[:_MAX_RUNS]:
        try:
            run = Run(settings.RUNS / run_id)
        except RunError:
            continue
        if run.params.model_copy(update=seed) != wanted:
            continue
        history = short_history(run.folder, working=False)
        here = history.worker.endswith(f" on {platform.node()}")
        whole = history.epochs and history.epochs[-1]["epoch"] == wanted.epochs
        if history.state == "finished" and here and whole and history.seconds:
            return history.seconds, "the last run of this preset here"
    return REFERENCE_SECONDS[preset], "measured on two cores"
