"""How long a training takes."""

import platform
from collections.abc import Sequence

from sqlalchemy import select

from vae.database import reading, runs
from vae.model.training_size import training_work
from vae.params import Params
from vae.presets import PRESETS
from vae.runs.rows import params_of

REFERENCE_SECONDS = {
    "classic": 12,
    "report": 12,
    "fast": 18,
    "conv": 354,
    "plane": 36,
    "unlabelled": 30,
}
"""Measured on two cores: the table of the presets in `docs/benchmarks.md`."""

_MAX_RUNS = 200
"""Finished runs, the newest, among which one of the preset is looked for."""


def expected_seconds(
    params: Params, preset: str, run_ids: Sequence[str] | None = None
) -> tuple[float, str]:
    """Seconds that a training takes, and where the figure is from, in words.

    The time of the preset, in proportion to the multiplications of both trainings.

    Args:
        params: of the training.
        preset: the name of a preset near it.
        run_ids: the runs that are looked at; all by default.

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
    finished = select(runs).where(
        runs.c.state == "finished", runs.c.host == platform.node(), runs.c.seconds > 0
    )
    with reading() as connection:
        newest = [*connection.execute(finished.order_by(runs.c.number.desc()).limit(_MAX_RUNS))]
    for row in newest:
        if run_ids is not None and row.id not in run_ids:
            continue
        same = params_of(row).model_copy(update=seed) == wanted
        if same and row.figures.get("epoch") == wanted.epochs:
            return row.seconds, "the last run of this preset here"
    return REFERENCE_SECONDS[preset], "a measurement on two cores"
