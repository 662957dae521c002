"""The states of a run, and what leads from one to the next.

`TRANSITIONS` is the one table. The event log is replayed by it, the diagram in
`docs/architecture.md` is printed from it by `python -m vae.runs.states`, and a test walks every
edge with a real run folder.
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
"""The last event of a run in one of these says how it ended."""

WORKING: tuple[State, ...] = ("starting", "running", "measuring")
"""A run in one of these whose process is gone was killed."""


class Transition(NamedTuple):
    """An edge of the diagram.

    `trigger` is the name of an event (`vae.runs.events`), or one of
        submitted       somebody put the run into the queue
        cancelled       somebody took it out of the queue before its first worker started
        worker_lost     its process ended without an event
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
    Transition("starting", "training_started", "starting"),
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

NEUTRAL = frozenset(
    {"epoch", "param_changed", "target_epochs", "checkpoint_saved", "problem", "training_started"}
)
"""Events that do not change the state."""

_TABLE = {(t.source, t.trigger): t.target for t in TRANSITIONS}


def next_state(state: State, event: str) -> State | None:
    """The state after an event of the log; None if the event cannot follow that state."""
    if event == "worker_started" or (event == "failed" and state not in WORKING):
        state = "queued"  # Neither a lost process nor a place in the queue leaves an event.
    if event in NEUTRAL:
        return state
    return _TABLE.get((state, event))


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
