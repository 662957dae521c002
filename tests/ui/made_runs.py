"""Runs without a training: what there is to see of them is written as a training writes it."""

import json

import numpy as np

from vae import Params, settings
from vae.images import to_png
from vae.runs.run import Run
from vae.runs.snapshots import file_name

TERMS = {"loss": 9.0, "recon": 5.0, "kl": 2.0, "cls": 0.2}


LOSSES = (40.0, 35.0, 33.0, 32.5)


def made(
    name, second=0, losses=LOSSES, end="finished", home=None, day="20260101", params=None, **others
):
    """A run that was, with these losses on the test set after epoch 0 and after each other.

    There is a picture of each. Of two runs the one of the later second is newer. The others are
    parameters that are not as in `params`.
    """
    params = Params(**{**(params or Params()).model_dump(), **others})
    folder = (home or settings.HOME) / "runs" / f"{name}-{day}-0000{second:02d}"
    (folder / "samples").mkdir(parents=True)
    (folder / "params.json").write_text(params.to_json())
    run = Run(folder)
    steps = params.steps_per_epoch()
    log(run, "worker_started", pid=1, host="here")
    log(run, "training_started", epoch=1, step=0, steps=steps)
    for epoch, loss in enumerate(losses):
        figures = {f"val_{term}": loss for term in TERMS} | {"epoch": epoch, "val_accuracy": 0.9}
        if epoch:
            place = {"epoch": epoch, "step": steps, "steps": steps}
            log(run, "point", **place, **TERMS, examples_per_second=5e4)
            figures |= dict.fromkeys(TERMS, loss)
        log(
            run,
            "epoch",
            figures=figures,
            kl_per_dimension=[0.5, 0.001, *[0.5] * params.z_dim][: params.z_dim],
            active=[True, False, *[True] * params.z_dim][: params.z_dim],
            confusion=[[1] * 10] * 10,
        )
        add_picture(run, epoch)
    said = {"message": f"{end.capitalize()}; it is saved."}
    log(run, end, **(said if end in ("finished", "stopped") else {}))
    return run


def log(run, event, at=1.0, **details):
    with (run.folder / "events.jsonl").open("a") as file:
        file.write(json.dumps({"at": at, "event": event, **details}) + "\n")


def add_picture(run, epoch, step=0):
    """One of one pixel."""
    png = to_png(np.full((1, 1), (step or epoch) % 256, np.uint8))
    (run.folder / "samples" / file_name(epoch, step)).write_bytes(png)


def own(run, visitor):
    """Let a run belong to a visitor, by the id."""
    (run.folder / "about.json").write_text(json.dumps({"owner": visitor}))
