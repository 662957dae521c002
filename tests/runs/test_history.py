"""The event log: what is written is read, and what cannot be read is reported."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from vae.runs import events
from vae.runs.events import NAMES, EventLog
from vae.runs.history import MAX_PROBLEMS, POINTS_PER_EPOCH, EventReader, RunHistory
from vae.training.progress import Point

FIGURE = st.floats(-1e6, 1e6)
POINT = {"loss": 9.0, "recon": 5.0, "kl": 2.0, "cls": 0.2, "examples_per_second": 5e4}
CONFUSION = [[1] * 10] * 10


def values_of(kind):
    """Values for the fields of an event."""
    known = {
        "at": st.floats(0, 4e9),
        "pid": st.integers(1, 2**22),
        "host": st.text(max_size=20),
        "epoch": st.integers(1, 1000),
        "epochs": st.integers(1, 1000),
        "step": st.integers(0, 3000),
        "steps": st.integers(1, 3000),
        "epochs_done": st.floats(0, 1000),
        "examples_per_second": st.floats(1, 1e6),
        "param": st.sampled_from(["kl_weight", "learning_rate", "digit_classification_weight"]),
        "value": FIGURE,
        "message": st.text(),
        "figures": st.dictionaries(st.text(), FIGURE).map(
            lambda more: more | {"epoch": 1, "val_loss": 2.5}
        ),
        "kl_per_dimension": st.lists(FIGURE, max_size=32),
        "active": st.lists(st.booleans(), max_size=32),
        "confusion": st.just(CONFUSION),
    }
    fields = kind.model_fields.keys() - {"event"}
    return st.fixed_dictionaries({name: known.get(name, FIGURE) for name in fields})


EVENTS = st.one_of(
    [values_of(kind).map(lambda values, kind=kind: kind(**values)) for kind in NAMES]
)


@given(st.lists(EVENTS, max_size=8), st.data())
@hypothesis_settings(deadline=None, max_examples=60)
def test_every_prefix_of_a_log_is_replayed(tmp_path_factory, logged, data):
    path = tmp_path_factory.mktemp("log") / "events.jsonl"
    log = EventLog(path.parent)
    for event in logged:
        log.append(event)
    log.close()
    expected = RunHistory()
    for event in logged:
        expected.add(event)
    assert EventReader(path).read() == expected

    whole = path.read_bytes()
    end = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:end])
    expected = RunHistory()
    for event in logged[: whole[:end].count(b"\n")]:
        expected.add(event)
    reader = EventReader(path)
    assert reader.read() == expected
    path.write_bytes(whole)  # What follows is read from there on.
    assert reader.read() == EventReader(path).read()


def lines(*logged):
    return "".join(json.dumps(event) + "\n" for event in logged)


def read(tmp_path, text):
    path = tmp_path / "events.jsonl"
    path.write_text(text)
    return EventReader(path).read()


STARTED = {"event": "worker_started", "at": 1, "pid": 1, "host": "h"}
TRAINING = {"event": "training_started", "at": 1, "epoch": 1, "step": 0, "steps": 600}


def point(**values):
    event = {"event": "point", "at": 1, "epoch": 1, "step": 1, "steps": 2}
    return json.dumps(event | POINT | values)


def epoch(**figures):
    event = {
        "event": "epoch",
        "at": 1,
        "kl_per_dimension": [],
        "active": [],
        "confusion": CONFUSION,
    }
    return json.dumps(event | {"figures": {"epoch": 1, "val_loss": 2.5} | figures})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "it is no JSON"),
        ('{"at": 1}', "it is no event"),
        ('{"event": "sang", "at": 1}', "the event is unknown"),
        ('{"event": "paused"}', "at: field required"),
        ('{"event": "paused", "at": 1, "mood": "good"}', "mood: extra inputs are not permitted"),
        (
            '{"event": "param_changed", "at": 1, "epochs_done": 1, "param": "x", "value": 1}',
            "param",
        ),
        ('{"event": "epoch", "at": 1, "figures": {}}', "field required"),
        ('{"event": "paused", "at": NaN}', "at: "),
        (point(examples_per_second=0), "examples_per_second: "),
        (epoch(epoch=1.5), "the epoch in figures is no count"),
        (epoch(epoch=float("inf")), "the epoch in figures is no count"),
    ],
)
def test_a_line_that_cannot_be_read_is_reported(tmp_path, line, reason):
    history = read(tmp_path, lines(STARTED) + line + "\n" + lines(TRAINING))
    (problem,) = history.problems
    assert problem.startswith("Line 2 of the event log cannot be read: ")
    assert reason in problem
    assert replace(history, problems=[]) == read(tmp_path, lines(STARTED, TRAINING))


def test_many_problems_are_counted(tmp_path):
    history = read(tmp_path, "x\n" * 1000)
    assert len(history.problems) == MAX_PROBLEMS
    assert history.unnamed_problems == 1000 - MAX_PROBLEMS


def test_an_event_that_cannot_follow_is_reported(tmp_path):
    history = read(tmp_path, lines(STARTED, {"event": "resumed", "at": 2}))
    assert history.problems == ["The event 'resumed' cannot follow the state 'starting'."]
    assert history.state == "starting"


def epochs(count, points, steps=1000):
    for epoch in range(1, count + 1):
        for i in range(1, points + 1):
            step = i * steps // points
            place = {"epoch": epoch, "step": step, "steps": steps}
            yield {"event": "point", "at": 1, **place, **POINT, "loss": float(step)}


@pytest.mark.parametrize("points", [1, 99, 100, 101, 200, 201, 1000])
def test_a_long_log_is_thinned_evenly(tmp_path, points):
    history = read(tmp_path, lines(STARTED, TRAINING, *epochs(3, points)))
    for epoch in (1, 2):
        kept = [point.step for point in history.points if point.epoch == epoch]
        assert len(kept) == min(points, POINTS_PER_EPOCH)
        gaps = {after - before for before, after in zip([0, *kept], kept, strict=False)}
        assert max(gaps) - min(gaps) <= 1000 // min(points, POINTS_PER_EPOCH)
    assert len(history.points) <= 4 * POINTS_PER_EPOCH
    assert history.points[-1].step == 1000
    assert history.points[-1] == Point(3, 1000, 1000, 1000.0, 5.0, 2.0, 0.2, 5e4)


def test_a_log_is_read_in_pieces(tmp_path, monkeypatch):
    text = lines(STARTED, TRAINING, *epochs(2, 30)) + "torn\n" + lines(*epochs(2, 30))
    whole = read(tmp_path, text)
    for size in (1, 7, 100):
        monkeypatch.setattr("vae.runs.history._BLOCK_BYTES", size)
        assert read(tmp_path, text) == whole
    assert len(whole.problems) == 1 and "Line 63" in whole.problems[0]


def validated(*losses):
    for epoch, loss in enumerate(losses):
        figures = {"epoch": epoch, "val_loss": loss}
        yield {
            **{"event": "epoch", "at": 1, "figures": figures},
            **{"kl_per_dimension": [1.0], "active": [True], "confusion": CONFUSION},
        }


@pytest.mark.parametrize(
    ("losses", "best", "worse"),
    [
        ((), None, ""),
        ((9e9,), None, ""),
        ((900.0, 60.0, 50.0, 50.5), 2, ""),
        ((1.0, 60.0, 50.0), 2, ""),
        (
            (9000.0, 8600.0, 15768.0),
            1,
            "The loss on the test set rose from 8,600 (epoch 1) to 1.577e+04.",
        ),
    ],
)
def test_a_run_that_got_worse_says_so(tmp_path, losses, best, worse):
    history = read(tmp_path, lines(STARTED, TRAINING, *validated(*losses)))
    assert history.best_epoch == best
    assert history.worsened == worse


def test_losses_under_other_weights_are_not_compared(tmp_path):
    change = {
        "event": "param_changed",
        "at": 1,
        "epochs_done": 2.5,
        "param": "kl_weight",
        "value": 4,
    }
    logged = [STARTED, TRAINING, *validated(900.0, 60.0, 50.0, 90.0, 80.0)]
    assert "rose from 50" in read(tmp_path, lines(*logged)).worsened
    history = read(tmp_path, lines(*logged, change))
    assert (history.worsened, history.best_epoch) == ("", 4)


def test_a_failure_that_cannot_be_logged_is_in_the_crash_record(tmp_path):
    log = EventLog(tmp_path)
    assert events.read_crash_record(tmp_path) == ""
    log._file.close()  # As good as a full disk: writing fails.
    log._file = open("/dev/full", "ab", buffering=0)  # noqa: PTH123, SIM115
    with pytest.raises(OSError, match="No space left"):
        log.append(events.Paused.now())
    log.append(events.Failed.now(message="The disk is full: " + "ä" * 600))
    log.close()
    assert events.read_crash_record(tmp_path).startswith("The disk is full: ää")
    EventLog(tmp_path).close()  # The next worker starts with an empty one.
    assert events.read_crash_record(tmp_path) == ""
