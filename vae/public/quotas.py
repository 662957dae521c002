"""How much a visitor of a public server may have, and all together. A teacher has no quotas."""

import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from vae import settings
from vae.database import reading
from vae.database import runs as table
from vae.errors import QuotaError
from vae.files import registry
from vae.files.owners import all_ownerships
from vae.model.training_size import process_memory, step_work
from vae.params import Params
from vae.public.identity import Visitor
from vae.public.rates import is_allowed
from vae.runs import queue, store
from vae.runs.states import ENDINGS, State
from vae.runs.store import Summary

_MB = 10**6
_SERVER_MB = 400
"""Of a container's memory, for the server and the dispatcher."""

OVER: tuple[State, ...] = (*ENDINGS, "killed")
"""A run in one of these goes on only if somebody resumes it."""


@dataclass(frozen=True)
class Quotas:
    """The limits.

    Attributes:
        runs, models: of a visitor, that are kept.
        megabytes: of a visitor's runs and models on disk.
        active_runs: of a visitor, that wait, train or pause.
        epochs: of a run.
        uploads, upload_megabytes: of a visitor in an hour; of a file.
        trainer_megabytes: estimated memory of a training's process.
        trainer_work: multiply-adds of a whole training; an hour on two cores, as `conv` takes
            25e12 and 12 minutes.
        queue, queue_of_network: runs of all visitors that wait; of those that come from one
            network, which may be a school.
        all_megabytes, free_megabytes: of all runs and models on disk; that stay free there.
    """

    runs: int = 10
    models: int = 20
    megabytes: int = 1_000
    active_runs: int = 2
    epochs: int = 50
    uploads: int = 10
    upload_megabytes: int = 10
    trainer_megabytes: int = 2_000
    trainer_work: float = 130e12
    queue: int = 50
    queue_of_network: int = 40
    all_megabytes: int = 50_000
    free_megabytes: int = 5_000


QUOTAS = Quotas()


class Usage(NamedTuple):
    """What a visitor has.

    Attributes:
        runs: the newest first.
        models: how many there are, or will be of runs that have not saved one.
        megabytes: of both on disk.
        network: from which the visitor comes.
    """

    runs: Sequence[Summary]
    models: int
    megabytes: float
    network: str = ""

    @property
    def active_runs(self) -> int:
        """How many of the runs have not ended."""
        return sum(summary.state not in OVER for summary in self.runs)


def usage(visitor: Visitor) -> Usage:
    """What belongs to a visitor."""
    runs = store.summaries(lambda ownership: ownership.owner == visitor.id)
    own = {name for name, whose in all_ownerships().items() if whose.owner == visitor.id}
    files = [path for name, path in registry.available().items() if name in own]
    names = {path.stem for path in files} | {summary.run.name for summary in runs if summary.run}
    size = sum(summary.bytes for summary in runs) + sum(map(_file_bytes, files))
    return Usage(runs, len(names), size / _MB, visitor.network)


def to_evict(used: Usage, limit: int = QUOTAS.runs) -> list[Summary]:
    """The runs that have to go before a visitor can have one more, the oldest first.

    Raises:
        QuotaError: if not enough of them have ended and are not pinned.
    """
    excess = len(used.runs) + 1 - limit
    if excess <= 0:
        return []
    ended = [summary for summary in reversed(used.runs) if summary.state in OVER]
    free = [summary for summary in ended if not (summary.run and summary.run.pinned)]
    if len(free) < excess:
        raise QuotaError(
            f"You have {len(used.runs)} runs of {limit}, and none that could be deleted for a new "
            "one: unpin one on the Runs page, or delete one."
        )
    return free[:excess]


def check_one_more(used: Usage, quotas: Quotas = QUOTAS) -> None:
    """Refuse a new run of a visitor, whatever it trains.

    Raises:
        QuotaError: why it is refused.
    """
    check_active(used, quotas)
    check_models(used, quotas)
    check_room(quotas)


def check_params(params: Params, quotas: Quotas = QUOTAS) -> None:
    """Refuse a training that is too large.

    Raises:
        QuotaError: why it is refused.
        ParamsError: if the model would have too many weights.
    """
    if params.epochs > quotas.epochs:
        raise QuotaError(f"A run may have {quotas.epochs} epochs here, not {params.epochs}.")
    room = settings.memory()
    share = math.inf if room is None else (room / _MB - _SERVER_MB) / settings.worker_slots()
    limit = min(quotas.trainer_megabytes, share)
    if (memory := process_memory(params) / _MB) > limit:
        raise QuotaError(
            f"A training may take {limit / 1000:.1f} GB of memory here; with "
            f"these parameters it takes about {memory / 1000:.1f} GB: choose fewer filters, "
            "smaller layers or a smaller batch_size."
        )
    share = step_work(params) * params.steps_per_epoch() * params.epochs / quotas.trainer_work
    if share > 1:
        raise QuotaError(
            "A training may take about an hour on two cores here; with these parameters it takes "
            f"about {share:.1f} hours: choose fewer epochs, fewer filters or smaller layers."
        )


def check_active(used: Usage, quotas: Quotas = QUOTAS) -> None:
    """Refuse that one more run of the visitor waits or trains.

    Raises:
        QuotaError: if there are enough of theirs, or of all visitors.
    """
    if used.active_runs >= quotas.active_runs:
        raise QuotaError(
            f"{quotas.active_runs} of your runs wait, train or pause already. "
            "Let one finish, or stop one: choose it on the Train page, Steer this run, Stop."
        )
    # Who deletes the cookie is a new visitor, but comes from the same network.
    networks = queue.networks()
    of_network = networks.count(used.network)
    if len(networks) >= quotas.queue or of_network >= quotas.queue_of_network:
        raise QuotaError(f"The queue is full ({len(networks)} runs). Try again later.")


def check_models(used: Usage, quotas: Quotas = QUOTAS) -> None:
    """Refuse one more model of the visitor.

    Raises:
        QuotaError: if they have enough, or enough megabytes.
    """
    if used.models >= quotas.models:
        raise QuotaError(
            f"You have {used.models} models of {quotas.models}: delete one under Manage models."
        )
    if used.megabytes >= quotas.megabytes:
        raise QuotaError(
            f"Your runs and models take {used.megabytes:,.0f} MB of {quotas.megabytes:,}: "
            "delete one."
        )


def check_room(quotas: Quotas = QUOTAS) -> None:
    """Refuse anything new while the disk is nearly full.

    Raises:
        QuotaError: if it is.
    """
    settings.RUNS.mkdir(parents=True, exist_ok=True)
    full = shutil.disk_usage(settings.RUNS).free < quotas.free_megabytes * _MB
    if full or _all_bytes() > quotas.all_megabytes * _MB:
        raise QuotaError("The server's disk is nearly full: nothing can be started or uploaded.")


def check_upload(visitor: Visitor, used: Usage, size: int, quotas: Quotas = QUOTAS) -> None:
    """Refuse an upload; count it if it is not refused.

    Raises:
        QuotaError: why it is refused.
    """
    if size > quotas.upload_megabytes * _MB:
        raise QuotaError(f"A file may have {quotas.upload_megabytes} MB here.")
    check_models(used, quotas)
    check_room(quotas)
    if not is_allowed(f"{quotas.uploads}/hour", "models", visitor.id):
        raise QuotaError(f"Upload limit reached: {quotas.uploads} models per hour.")


def _all_bytes() -> int:
    with reading() as connection:
        of_runs = connection.scalar(select(func.sum(table.c.bytes))) or 0
    return int(of_runs) + sum(map(_file_bytes, registry.available().values()))


def _file_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # Deleted since it was listed.
        return 0
