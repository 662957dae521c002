"""The image that the page follows, as the live parts of the steps get it."""

from collections.abc import Callable
from typing import Any

from ui.components import component
from ui.components.numbers import encoded
from ui.components.subject import Subject
from ui.shared import address
from vae.model.numpy_model import TrainedVAE


def data(subject: Subject, model_id: str) -> dict[str, Any]:
    """What `followImage` of ui/how/image.js reads; a step may add entries of its own.

    Args:
        subject: the image.
        model_id: the id by which the browser has the model.
    """
    return {
        "model": model_id,
        "x": encoded(subject.x),
        "label": subject.label,
        "title": subject.title,
    }


def live(step: str, parameter: str = "") -> Callable[[Subject, TrainedVAE, str], None]:
    """What shows the live part of a step that needs the image alone: `Step.show`.

    Args:
        step: its key, and the name of its component.
        parameter: of the address, what the step starts with; the component adds it to copied links.
    """
    part = component(f"how/{step}/{step}")

    def show(subject: Subject, model: TrainedVAE, model_id: str) -> None:
        start = {"start": address.value(parameter, model)} if parameter else {}
        part(data={**data(subject, model_id), **start}, key=f"how_{step}", height="content")

    return show
