"""The bar above a run: it starts a training and, with the same controls, steers it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

import streamlit as st

from ui.public import limits, permissions
from ui.public.visitor import current
from ui.runs import presets
from ui.shared import labels
from ui.shared.callbacks import report_error, show_action_error, try_action
from ui.train import form
from vae import settings
from vae.errors import ParamsError
from vae.params import LIVE_PARAMS
from vae.presets import PRESETS
from vae.public import actions
from vae.runs import dispatcher
from vae.runs.run import Run
from vae.runs.status import Status

STEERED = ("queued", "starting", "running", "paused", "measuring")
"""A run in one of these states can be steered."""

_WIDTHS = {"z_dim": 190, "kl_weight": 120, "decoder_std": 190, "epochs": 100}
_STEERED = "steered_run"
_ROW: dict[str, Any] = {"horizontal": True, "vertical_alignment": "bottom", "gap": "small"}


class Places(NamedTuple):
    """The parts of the bar; the choice of the run stands in it, and has to be made first."""

    buttons: Any
    fields: Any
    run: Any
    below: Any


def places() -> Places:
    """The empty bar, where it is called."""
    bar = st.container(key="bar", gap="small")
    buttons, row = bar.container(**_ROW), bar.container(**_ROW)
    fields = row.container(**_ROW, width="stretch")
    return Places(buttons, fields, row.container(width="content"), bar.container())


def show(at: Places, run: Run | None = None, status: Status | None = None) -> None:
    """Fill the bar, for the run below it or for a new one."""
    form.prepare()
    steerable = status is not None and status.state in STEERED
    steerable = steerable and run is not None and permissions.may_change_run(run.id)
    if run and status and steerable and st.session_state.get(_STEERED) == run.id:
        _steer(at, run, status)
    else:
        _start(at, run if steerable else None)
    with at.below:
        if settings.ephemeral():
            st.caption("Runs and models are lost when this server restarts: download yours.")
        show_action_error("bar")


def state_of(status: Status) -> tuple[Any, ...]:
    """What the bar shows of a run: when it changes, the page runs again."""
    return status.state, status.control, status.target_epochs, status.may_change


def steer(run_id: str | None) -> None:
    """Have the bar steer this run while that is possible; None: have it start a new one.

    Only a run that the visitor has started or chosen is steered: whoever opens the page while
    others train finds a bar that starts a run.
    """
    st.session_state[_STEERED] = run_id


def choice(ids: Sequence[str], at: Places) -> str:
    """The choice of the run that is shown."""
    state = st.session_state
    linked = st.query_params.get("run")
    state.setdefault(_STEERED, linked if linked in ids else None)
    if state.get("run", linked) is None:
        state.run = ids[0]
    with at.run:
        # Without a default, so that the address always names the run. One that is cleared is the
        # newest again.
        st.selectbox(
            "Run",
            ids,
            index=None,
            placeholder=ids[0],
            key="run",
            bind="query-params",
            width=230,
            on_change=lambda: steer(state.run),
        )
    # None if the browser has gone back to this page, to an address without a run.
    return str(state.run or ids[0])


def _start(at: Places, steerable: Run | None) -> None:
    with at.below:
        problem = limits.before_start()
    problem = " ".join(filter(None, [form.problem(), problem]))
    with at.buttons:
        _buttons(
            try_action,
            _Button("Start training", "play_arrow", partial(_begin, False), True, not problem),
            _Button(
                "Step",
                "skip_next",
                partial(_begin, True),
                enabled=not problem,
                help="Start it paused, to take one step of the optimizer at a time.",
            ),
            _Button("Stop", "stop", lambda: None, enabled=False),
        )
        st.selectbox(
            "Preset",
            PRESETS,
            key="preset",
            persist_state="session",
            on_change=form.fill_preset,
            width=120,
        )
        st.text_input(
            "Name of the model",
            key="run_name",
            live=True,
            persist_state="session",
            help="The model picker will show this name.",
            width=190,
        )
        _advanced(form.field)
        if steerable:
            st.button(
                "Steer this run",
                icon=":material/tune:",
                help="The run below is going on. Change it with this bar instead.",
                on_click=steer,
                args=(steerable.id,),
            )
        seconds, source = form.expected_seconds()
        st.caption(f"About {labels.duration(seconds)} ({source}).", width="content")
    with at.fields:
        for name in form.IN_BAR:
            form.field(name, _WIDTHS[name])
    if problem:  # Instead of the same from an action.
        report_error(f"A new run cannot be started. {problem}", "bar")


def _begin(paused: bool) -> None:
    """Start what is on the screen."""
    dispatcher.ensure_dispatcher()
    run, deleted = actions.start(
        current(), form.parameters(), form.name(), paused, limits.announced()
    )
    limits.after_start(deleted)
    st.session_state.run = run.id
    steer(run.id)
    st.session_state.pop("name_stem", None)
    form.suggest_name()


def _steer(at: Places, run: Run, status: Status) -> None:
    state = status.state
    trains, paused = state in ("starting", "running"), state == "paused"
    with at.buttons:
        _buttons(
            partial(permissions.change_run, run.id),
            _Button("Resume", "play_arrow", partial(actions.resume, current(), run), True)
            if paused
            else _Button(
                "Pause", "pause", partial(run.request, desired_state="pause"), enabled=trains
            ),
            _Button(
                "Step",
                "skip_next",
                partial(actions.single_step, current(), run),
                enabled=trains or paused,
            ),
            _Button("Cancel", "close", run.stop)
            if state == "queued"
            else _Button("Stop", "stop", run.stop, enabled=trains or paused),
        )
        preset, differing = presets.nearest(run.params)
        changed = f"{preset}, changed" if differing.keys() - {"seed"} else preset
        _fixed_text("Preset", changed, 150)
        _fixed_text("Name of the model", run.name, 190)
        _advanced(lambda name: _field(run, status, name))
        st.button(
            "New run",
            icon=":material/add:",
            help="Choose the parameters of another run. This one goes on.",
            on_click=steer,
            args=(None,),
        )
        st.caption("Gray: fixed while it trains.", width="content")
    with at.fields:
        for name in form.IN_BAR:
            _field(run, status, name, _WIDTHS[name])


def _field(
    run: Run, status: Status, name: str, width: int | Literal["stretch"] = "stretch"
) -> None:
    """A parameter of a run that is steered, to be changed if that is possible."""
    now: Any = status.control.live_params.get(name, getattr(run.params, name))
    if name == "epochs":
        now = status.target_epochs
    fixed = name not in (*LIVE_PARAMS, "epochs") or status.state == "measuring"
    key, text = f"of_{name}_{run.id}", form.shown(name, now)
    if st.session_state.get(key) != text:  # At first, and when another visitor has changed it.
        st.session_state[key] = text
    form.widget(
        name,
        key,
        width,
        disabled=fixed,
        on_change=None if fixed else _request,
        args=(run, name, key),
    )


def _request(run: Run, name: str, key: str) -> None:
    try:
        value = form.checked(name, st.session_state[key])
    except ParamsError as error:
        report_error(str(error), "bar")
        return
    change = (
        partial(actions.set_target, current(), run, value)
        if name == "epochs"
        else partial(run.request, live_params={name: value})
    )
    permissions.change_run(run.id, change, where="bar")


class _Button(NamedTuple):
    label: str
    icon: str
    act: Callable[..., Any]
    primary: bool = False
    enabled: bool = True
    help: str | None = None


def _buttons(attempt: Callable[..., None], *buttons: _Button) -> None:
    """Draw buttons whose actions are carried out by `attempt`."""
    for button in buttons:
        st.button(
            button.label,
            icon=f":material/{button.icon}:",
            type="primary" if button.primary else "secondary",
            help=button.help,
            disabled=not button.enabled,
            on_click=attempt,
            args=(button.act,),
            kwargs={"where": "bar"},
        )


def _fixed_text(label: str, text: str, width: int) -> None:
    key = f"fixed_{label}"
    st.session_state[key] = text
    st.text_input(label, key=key, disabled=True, width=width)


def _advanced(field: Callable[[str], None]) -> None:
    """All other parameters; their widgets are made when they are opened."""
    advanced = st.popover("Advanced", icon=":material/tune:", on_change="rerun", key="advanced")
    if advanced.open:
        with advanced:
            columns = st.columns(2)
            for i, name in enumerate(form.ADVANCED):
                with columns[i % 2]:
                    field(name)
