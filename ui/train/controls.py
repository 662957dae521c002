"""The buttons below a run: resume it, use its model, copy its parameters."""

from functools import partial

import streamlit as st

from ui.public import permissions, sharing
from ui.public.visitor import current
from ui.runs import downloads
from ui.shared.callbacks import show_action_error
from ui.shared.pages import script
from ui.train import bar, form
from vae.params import bounds
from vae.public import actions
from vae.runs.run import Run
from vae.runs.status import Status


def show(run: Run, status: Status) -> None:
    """The buttons for a run in its present state, where it is called."""
    ended = status.state not in bar.STEERED
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if ended and not run.ships and permissions.may_change_run(run.id):
            if status.state != "finished":
                st.button("Resume", icon=":material/play_arrow:", on_click=_resume, args=(run,))
            _train_more(run, status)
        st.button(
            "Copy parameters to form",
            icon=":material/content_copy:",
            help="Fill the form with them, and with a seed and a name that are free.",
            on_click=into_the_form,
            args=(run,),
        )
        if ended and run.last.exists():
            _uses(run)
        sharing.of_run(run, "run")
    show_action_error("run")


def into_the_form(run: Run) -> None:
    """Have the bar show a new run with the parameters of this one."""
    form.fill_like(run)
    bar.steer(None)


def _resume(run: Run, target_epochs: int = 0) -> None:
    resume = partial(actions.resume, current(), run, target_epochs)
    permissions.change_run(run.id, resume, where="run")


def _train_more(run: Run, status: Status) -> None:
    with st.popover("Train more", icon=":material/add:"):
        done = int(status.epochs_done)
        most = int(bounds("epochs").high) - done
        # Without bounds of its own: the field would keep showing a number that it has rejected.
        more = st.number_input("Further epochs", value=max(0, min(5, most)), step=1)
        fits = more is not None and 1 <= more <= most
        if not fits:
            st.error(
                f"Further epochs must be a whole number between 1 and {most}."
                if most > 0
                else "This run has as many epochs as a run can have."
            )
        st.button(
            "Continue training",
            icon=":material/play_arrow:",
            type="primary",
            disabled=not fits,
            on_click=_resume,
            args=(run, done + int(more or 0)),
        )


def _uses(run: Run) -> None:
    """Where to go with a run's model, and what to download of it."""
    if run.name in permissions.models():
        # Not st.switch_page: it fails while the address holds the chosen run.
        for page, verb, icon in (("draw", "Draw", "draw"), ("generate", "Generate", "grid_view")):
            st.page_link(
                script(page),
                label=f"{verb} with it",
                icon=f":material/{icon}:",
                query_params={"use": run.name},
            )
    downloads.models(run)
    downloads.report_button(run)
