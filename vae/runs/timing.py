"""How long a training takes."""

import platform
from collections.abc import Sequence

from vae import settings
from vae.errors import RunError
from vae.model.training_size import training_work
from vae.params import Params
from vae.presets import PRESETS
from vae.runs.run import Run
from vae.runs.store import list_ids
from vae.runs.summary import short_history

REFERENCE_SECONDS = {"classic": 18, "fast": 30, "conv": 402, "plane": 42, "unlabelled": 36}
"""Measured on two cores: the table of the presets in `docs/benchmarks.md`."""

_MAX_RUNS = 200
"""Runs, the newest, among which one of the preset is looked for."""


def expected_seconds(
    params: Params, preset: str, run_ids: Sequence[str] | None = None
) -> tuple[float, str]:
    """Seconds that a training takes, and where the figure is from, in words.

    The time of the preset, in proportion to the multiplications of both trainings.

    Args:
        params: of the training.
        preset: the name of a preset near it.
        run_ids: the runs that are looked at, the newest first; all by default.

    Raises:
        ParamsError: as `vae.model.architecture.architecture`.
    """
    seconds, source = preset_seconds(preset, run_ids)
    ratio = training_work(params) / training_work(PRESETS[preset])
    return seconds * ratio, source if ratio == 1 else f"estimated from {source}"


def preset_seconds(preset: str, run_ids: Sequence[str] | None = None) -> tuple[float, str]:
    """As `expected_seconds`, of a preset.

    That is this machine's last finished run of the preset, or else `REFERENCE_SECONDS`.
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
        here = history.worker and history.worker.host == platform.node()
        whole = history.epochs and history.epochs[-1]["epoch"] == wanted.epochs
        if history.state == "finished" and here and whole and history.seconds:
            return history.seconds, "the last run of this preset here"
    return REFERENCE_SECONDS[preset], "a measurement on two cores"
