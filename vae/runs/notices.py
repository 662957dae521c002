"""What is worth noticing in the history of a run, a sentence each."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from vae.runs.history import RunHistory

RISING_EPOCHS = 3
"""After so many epochs in a row the validation loss counts as rising."""

_RISE = 1.005
"""A rise to less than this multiple is noise."""

Figures = dict[str, int | float]


class Notice(NamedTuple):
    """A sentence, and the epoch after which it was known."""

    epoch: int
    text: str


def notices(history: RunHistory, labelled: bool) -> list[Notice]:
    """All that is worth noticing, by epoch.

    Args:
        history: of a run.
        labelled: whether its decoder gets a digit.
    """
    found = [*_dimensions(history, labelled), *_rises(history), *_kl_weights(history)]
    return sorted(found, key=lambda notice: notice.epoch)


def _dimensions(history: RunHistory, labelled: bool) -> Iterator[Notice]:
    """Dimensions of z that went out of use, or came into use, from one epoch to the next."""
    rows = zip(history.epochs, history.kl_per_dimension, history.active, strict=True)
    trained = [(figures, kl, active) for figures, kl, active in rows if figures["epoch"] and active]
    for (_, _, before), (figures, kl, now) in pairwise(trained):
        if not before or not now or not len(before) == len(now) == len(kl):
            continue
        lost = [i for i, (b, n) in enumerate(zip(before, now, strict=True)) if b and not n]
        gained = [i for i, (b, n) in enumerate(zip(before, now, strict=True)) if n and not b]
        in_use = f"In use: {sum(now)} of {len(now)}."
        if not any(now):
            average = "the average of each digit" if labelled else "one image, the average of all"
            in_use = f"No dimension is in use: the decoder draws {average}."
        for changed, verb in ((lost, "went out of use"), (gained, "came into use")):
            if changed:
                most = f"{'at most ' * (len(changed) > 1)}{max(kl[i] for i in changed):.2g} nats"
                names = _listed([f"z{i}" for i in changed])
                yield Notice(int(figures["epoch"]), f"{names} {verb} (KL {most}). {in_use}")


def _listed(names: Sequence[str]) -> str:
    """The names in words: z1, z2 and z3; of more than three only how many they are."""
    if len(names) > 3:
        return f"{len(names)} dimensions of z"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _rises(history: RunHistory) -> Iterator[Notice]:
    """Where the validation loss rose for several epochs; one notice for each rise."""
    weighted = [c.epochs_done for c in history.changes if c.param != "learning_rate"]
    rise: list[Figures] = []
    for figures in [e for e in history.epochs if e["epoch"]]:
        epoch = figures["epoch"]
        # With other weights the loss is another one.
        same = not any(epoch - 1 <= at < epoch for at in weighted)
        if rise and same and figures["val_loss"] > rise[-1]["val_loss"]:
            rise.append(figures)
            continue
        yield from _rise(rise)
        rise = [figures]
    yield from _rise(rise)


def _rise(rise: Sequence[Figures]) -> Iterator[Notice]:
    count = len(rise) - 1
    if count < RISING_EPOCHS or rise[-1]["val_loss"] < _RISE * rise[0]["val_loss"]:
        return
    first, last = rise[0], rise[-1]
    validation = f"{first['val_loss']:,.4g} to {last['val_loss']:,.4g}"
    known = all("loss" in figures for figures in rise)
    if known and all(b["loss"] < a["loss"] for a, b in pairwise(rise)):
        train = f"{first['loss']:,.4g} to {last['loss']:,.4g}"
        text = f"The training loss fell from {train}, the validation loss rose from {validation}."
    else:
        text = f"The validation loss has risen for {count} epochs, from {validation}."
    yield Notice(int(last["epoch"]), text)


def _kl_weights(history: RunHistory) -> Iterator[Notice]:
    """What a change of β did to the KL divergence."""
    by_epoch = {e["epoch"]: e for e in history.epochs}
    for change in history.changes:
        done = int(change.epochs_done)
        before, after = by_epoch.get(done), by_epoch.get(done + 1)
        if change.param != "kl_weight" or not before or not after:
            continue
        if "val_kl" in before and "val_kl" in after:
            kl = f"from {before['val_kl']:.3g} to {after['val_kl']:.3g} nats"
            yield Notice(done + 1, f"With β {change.value:g} the KL divergence went {kl}.")
