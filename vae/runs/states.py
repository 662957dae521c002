"""The states of a run, and what leads from one to the next.

`TRANSITIONS` is the one table. The state of a run is a column that only one function changes, by
this table (`vae.runs.rows.change_state`). The diagram in `docs/architecture.md` is printed from it
by `python -m vae.runs.states`, and a test walks every edge with a real run.
"""

from typing import Literal, NamedTuple, get_args

State = Literal[
    "queued",
    "starting",
    "running",
    "paused",
    "measuring",
    "finished",
    "stopped",
    "failed",
    "killed",
]
ACTIVE: tuple[State, ...] = ("queued", "starting", "running", "measuring")
"""A run in one of these goes on without anybody doing anything."""

ENDINGS: tuple[State, ...] = ("finished", "stopped", "failed")
"""A run in one of these has ended by itself or on request."""

WORKING: tuple[State, ...] = ("starting", "running", "measuring")
"""A run in one of these whose process is gone was killed."""


class Transition(NamedTuple):
    """An edge of the diagram. The worker causes all triggers except

    submitted       somebody put the run into the queue
    cancelled       somebody took it out of the queue before its worker started
    worker_lost     its process was killed: it cannot write that itself, so readers find it out
    stop_requested  somebody stopped a paused run that has no worker any more
    """

    source: State
    trigger: str
    target: State


RESTING: tuple[State, ...] = ("paused", "finished", "stopped", "failed", "killed")
"""A run in one of these goes on only after somebody resumes it."""

TRANSITIONS: tuple[Transition, ...] = (
    *(Transition(state, "submitted", "queued") for state in RESTING),
    Transition("queued", "cancelled", "stopped"),
    # A run in the queue is taken by a worker, any other by the terminal.
    *(Transition(state, "worker_started", "starting") for state in ("queued", *RESTING)),
    Transition("starting", "point", "running"),
    Transition("starting", "paused", "paused"),
    Transition("running", "point", "running"),
    Transition("running", "paused", "paused"),
    Transition("paused", "point", "running"),
    Transition("paused", "resumed", "running"),
    Transition("paused", "paused", "paused"),
    Transition("paused", "stop_requested", "stopped"),
    *(Transition(state, "measuring", "measuring") for state in ("starting", "running", "paused")),
    *(
        Transition(state, ending, ending)
        for state in ("starting", "running", "paused", "measuring")
        for ending in ENDINGS
    ),
    Transition("queued", "failed", "failed"),
    *(Transition(state, "worker_lost", "killed") for state in WORKING),
)

_TABLE = {(t.source, t.trigger): t.target for t in TRANSITIONS}


def next_state(state: State, trigger: str) -> State | None:
    """The state after that; None if it cannot follow."""
    if state in WORKING and trigger in ("submitted", "worker_started"):
        state = "killed"  # Both happen only to a run that no process works on.
    return _TABLE.get((state, trigger))


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> queued: submitted"]
    for source in get_args(State):
        targets: dict[State, list[str]] = {}
        for t in TRANSITIONS:
            if t.source == source and t.target != source:
                targets.setdefault(t.target, []).append(t.trigger)
        lines += [f"    {source} --> {to}: {', '.join(by)}" for to, by in targets.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(diagram())
