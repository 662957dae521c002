"""What a visitor may have, said before it matters."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from ui.public import teacher
from ui.public.visitor import current
from ui.shared.callbacks import escaped
from vae import settings
from vae.errors import QuotaError
from vae.files.weights import MAX_BYTES
from vae.params import Params
from vae.public import quotas
from vae.public.quotas import QUOTAS, Usage
from vae.runs.store import Summary

_ANNOUNCED = "announced_deletions"
_dataset = threading.Lock()


@contextmanager
def one_dataset() -> Iterator[None]:
    """Within it, a dataset is made; a public server makes one at a time, for all visitors.

    Raises:
        QuotaError: if it makes another one.
    """
    if not settings.public():
        yield
    elif _dataset.acquire(blocking=False):
        try:
            yield
        finally:
            _dataset.release()
    else:
        raise QuotaError("Somebody else's file is being made. Try again in a moment.")


def upload_megabytes() -> int:
    """The size of the largest model that can be uploaded, also by a teacher: the server's limit."""
    return QUOTAS.upload_megabytes if settings.public() else MAX_BYTES // 10**6


def check_params(params: Params) -> None:
    """Refuse a training that is too large for this visitor.

    Raises:
        QuotaError: if it is.
    """
    if not current().teacher:
        quotas.check_params(params)


def before_start() -> str:
    """Say, where it is called, what the visitor may have, and which run would be deleted.

    Returns:
        why no run can be started, in a sentence; empty if one can.
    """
    visitor = current()
    if visitor.teacher:
        return ""
    used = quotas.usage(visitor)
    teacher.ask_name()
    st.caption(_allowance(used))
    try:
        quotas.check_one_more(used)
        leaving = quotas.to_evict(used)
    except QuotaError as error:
        return str(error)
    st.session_state[_ANNOUNCED] = [summary.run_id for summary in leaving]
    if leaving:
        st.warning(
            f"You have {len(used.runs)} runs of {QUOTAS.runs}. Starting one deletes the oldest "
            f"that has ended and is not pinned: {_titles(leaving)}.",
            icon=":material/delete:",
        )
    return ""


def announced() -> list[str]:
    """The ids of the runs that the visitor knows will be deleted at the start of another."""
    return list(st.session_state.get(_ANNOUNCED, []))


def after_start(deleted: Sequence[Summary]) -> None:
    """Say which runs were deleted."""
    if deleted:
        st.toast(f"Deleted to make room: {_titles(deleted)}", icon=":material/delete:")


def before_upload() -> None:
    """Say what may be uploaded, where it is called."""
    visitor = current()
    if not visitor.teacher:
        used = quotas.usage(visitor)
        st.caption(
            f"Up to {QUOTAS.upload_megabytes} MB, and {QUOTAS.uploads} files an hour. You have "
            f"{used.models} models of {QUOTAS.models}. Others see a model only if you share it."
        )


def _allowance(used: Usage) -> str:
    return (
        f"You have {len(used.runs)} of {QUOTAS.runs} runs, {used.models} of {QUOTAS.models} models "
        f"and {used.megabytes:,.0f} of {QUOTAS.megabytes:,} MB; {QUOTAS.active_runs} runs at once "
        f"can wait, train or pause, each with {QUOTAS.epochs} epochs at most. Others see your "
        "runs and models only if you share them."
    )


def _titles(found: Sequence[Summary]) -> str:
    return ", ".join(f"**{escaped(s.run.title if s.run else s.run_id)}**" for s in found)
