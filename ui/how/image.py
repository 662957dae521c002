"""The image that the page follows, as the live parts of the steps get it."""

from collections.abc import Callable
from typing import Any

from ui.components.numbers import encoded
from ui.components.subject import Subject


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


def mount(
    live: Callable[..., Any], step: str, subject: Subject, model_id: str, **more: Any
) -> None:
    """Show the live part of a step, a component, with this data.

    Args:
        live: as `ui.components.component` returns it.
        step: the step's key.
        subject, model_id: as in `data`.
        more: entries of the data that this step has besides.
    """
    live(
        data={**data(subject, model_id), **more},
        key=f"how_{step}",
        height="content",
    )
