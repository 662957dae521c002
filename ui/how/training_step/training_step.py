"""Step 7: a training step on this image, taken by the server, and what it changes."""

import base64
import html
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from ui.components import subject as subjects
from ui.components.subject import Subject
from ui.how.step import Step
from ui.shared import address
from ui.shared.labels import percent
from vae.analysis.bounds import digit_inputs, same_eps
from vae.analysis.gradient import Adam, Terms, adam_step, loss_terms
from vae.data.mnist import SIDE, Floats
from vae.images import grid, to_png
from vae.model.numpy_model import TrainedVAE

_STYLE = Path(__file__).with_name("training_step.css")
_TAKEN = "how_taken"
MAX_STEPS = 20

_EPS = 32
"""How many z the figures are means over; their ε is always the same."""

_EPS_SEED, _STEP_SEED = 1, 2
_NEGLIGIBLE = 0.05
"""Nats: a smaller change of the loss is none in the text, which has one decimal."""

_MISSING, _ADDED = np.array([255, 159, 64]), np.array([90, 169, 255])
"""Colours as in ui/draw/gray.js."""

_PARTS = {
    "encoder": ("encoder", "mu", "log_var"),
    "decoder": ("decoder",),
    "classifier": ("classifier",),
}
_ROWS = ("loss", "recon", "kl", "cls")
_NAMES = {"loss": "Loss", "recon": "Reconstruction", "kl": "KL", "cls": "Classification"}


class _Figures(NamedTuple):
    """What a model makes of an image."""

    terms: Terms
    probability: float
    reconstructed: Floats


class _After(NamedTuple):
    """What a training on an image has made of a model.

    Attributes:
        images: the figures of that image and of another one.
        moves: how far the weights of each part moved, relative to their size.
        moved, all: how many weights moved, and how many there are.
    """

    images: tuple[_Figures, _Figures]
    moves: dict[str, float]
    moved: int
    all: int

    @property
    def is_finite(self) -> bool:
        """Whether the losses are still numbers."""
        return bool(np.isfinite([figures.terms.loss for figures in self.images]).all())


@st.fragment
def _show(subject: Subject, model: TrainedVAE, model_id: str) -> None:
    st.html(_STYLE)
    digit, note = _digit(subject, model)
    with st.container(horizontal=True, vertical_alignment="center", key="how_train_row"):
        rate = address.segmented(
            *(st, "how_rate", "Learning rate", model), format_func="{:g}".format
        )
        what = f"{model_id} {rate} {subject.title} {subject.x.tobytes()!r}"
        taken = _taken(hash(what))
        st.button(
            "Take a step" if not taken else "Take another step",
            type="primary",
            icon=":material/trending_down:",
            key="how_train",
            disabled=taken >= MAX_STEPS,
            on_click=partial(_take, hash(what), taken + 1),
        )
        st.button(
            "Start again",
            icon=":material/replay:",
            key="how_untrain",
            disabled=not taken,
            on_click=partial(_take, hash(what), 0),
        )
        st.markdown(_about_steps(taken, model), width="content")
    known = (model_id, subject.x, digit)
    before = _after(*known, 0.0, 0, model)
    after = _after(*known, rate, taken, model) if taken else before
    if taken and not after.is_finite:
        st.warning(
            "The loss is not a finite number any more: the steps were too long. Start again with a "
            "smaller learning rate.",
            icon=":material/error:",
        )
        after, taken = before, 0
    images = ((f"This image: {subject.title}", subject.x, digit), _other(digit))
    panels = "".join(
        _panel(*image, old, new, taken)
        for image, old, new in zip(images, before.images, after.images, strict=True)
    )
    st.html(f'<div class="ts">{panels}{_weights(after, rate, taken)}</div>')
    st.caption(" ".join(filter(None, [_verdict(before.images, after.images, taken), note])))


def _digit(subject: Subject, model: TrainedVAE) -> tuple[int, str]:
    """The label to train with, and what to say of it."""
    if subject.label is not None:
        return subject.label, ""
    digit = int(model.classify(subject.x[None]).argmax())
    return (
        digit,
        f"Nobody has labelled the drawing: {digit}, the classifier's answer, is its label.",
    )


def _taken(what: int) -> int:
    """How many steps have been taken with this model, image and rate; others are forgotten."""
    known, steps = st.session_state.get(_TAKEN, (None, 0))
    return steps if known == what else 0


def _take(what: int, steps: int) -> None:
    st.session_state[_TAKEN] = (what, steps)


def _other(digit: int) -> tuple[str, Floats, int]:
    """An image of another digit: what it is, in words, itself, and its label."""
    other = subjects.test_digit(0)
    if other.label == digit:
        other = subjects.test_digit(1)
    return f"Another one: {other.title}", other.x, other.label or 0


class _Training:
    """A training on one image that visitors share: its newest step."""

    def __init__(self, model: TrainedVAE) -> None:
        self._start = self._now = Adam(model, 0, {}, {})
        self._lock = threading.Lock()

    def after(self, x: Floats, digit: int, rate: float, steps: int) -> TrainedVAE:
        """The model after this many steps; only those are computed that are not known yet."""
        eps = same_eps(MAX_STEPS, self._start.model.params.z_dim, _STEP_SEED)
        with self._lock:
            if self._now.steps > steps:
                self._now = self._start
            while self._now.steps < steps:
                self._now = adam_step(self._now, x, digit, eps[self._now.steps], rate)
            return self._now.model


# Of `conv` a training is 18 MB. One that was evicted is computed again: 20 steps at most.
@st.cache_resource(show_spinner=False, max_entries=4)
def _training(model_id: str, x: Floats, digit: int, rate: float, _model: TrainedVAE) -> _Training:
    return _Training(_model)


@st.cache_data(show_spinner=False, max_entries=200)
def _after(
    model_id: str, x: Floats, digit: int, rate: float, steps: int, _model: TrainedVAE
) -> _After:
    """The figures of a model after this many steps on an image, for all visitors: 20 kB."""
    with np.errstate(all="ignore"):  # Too long a step gives numbers that are not finite.
        trained = _model
        if steps:
            trained = _training(model_id, x, digit, rate, _model).after(x, digit, rate, steps)
        _, other, other_digit = _other(digit)
        moves, moved, count = {}, 0, 0
        for part, beginnings in _PARTS.items():
            names = [name for name in _model.tensors if name.partition(".")[0] in beginnings]
            change = [trained.tensors[name] - _model.tensors[name] for name in names]
            size = np.sqrt(sum(float((_model.tensors[name] ** 2).sum()) for name in names))
            moves[part] = float(np.sqrt(sum(float((d**2).sum()) for d in change)) / size)
            moved += sum(int((d != 0).sum()) for d in change)
            count += sum(d.size for d in change)
        images = (_figures(trained, x, digit), _figures(trained, other, other_digit))
        return _After(images, moves, moved, count)


def _figures(model: TrainedVAE, x: Floats, digit: int) -> _Figures:
    terms = loss_terms(model, x, digit, same_eps(_EPS, model.params.z_dim, _EPS_SEED))
    digits = digit_inputs(model, x[None], [digit])
    mu, _ = model.encode(x[None], digits.encoder)
    probability = float(model.calibrated(model.classify(x[None]))[0, digit])
    return _Figures(terms, probability, model.decode(mu, digits.decoder)[0])


def _about_steps(taken: int, model: TrainedVAE) -> str:
    if not taken:
        return f"No step taken yet. The model was trained at {model.params.learning_rate:g}."
    return "1 step taken." if taken == 1 else f"{taken} steps taken."


def _panel(title: str, x: Floats, digit: int, before: _Figures, after: _Figures, taken: int) -> str:
    difference = np.clip(10 * (after.reconstructed - before.reconstructed), -1, 1)[:, None]
    colours = np.where(difference < 0, -difference * _MISSING, difference * _ADDED)
    pictures = (
        ("x", grid([[x]])),
        ("x̂ before", grid([[before.reconstructed]])),
        ("x̂ after", grid([[after.reconstructed]])),
        ("change × 10", np.rint(colours).astype(np.uint8).reshape(SIDE, SIDE, 3)),
    )
    figures = "".join(
        f'<figure><img alt="{name}" src="data:image/png;base64,'
        f'{base64.b64encode(to_png(picture)).decode()}"><figcaption>{name}</figcaption></figure>'
        for name, picture in pictures
    )
    rows = "".join(
        _row(_NAMES[name], getattr(before.terms, name), getattr(after.terms, name), taken)
        for name in _ROWS
    )
    shares = [percent(figure.probability) for figure in (before, after)]
    rows += (
        f"<tr><th>p({digit})</th><td>{shares[0]}</td><td>{shares[1] if taken else ''}</td>"
        "<td></td></tr>"
    )
    return (
        f"<section><h3>{html.escape(title)}</h3><div class='ts-images'>{figures}</div><table>"
        f"<thead><tr><th></th><th>before</th><th>after</th><th>change</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


def _row(name: str, before: float, after: float, taken: int) -> str:
    change = after - before  # Both are at least 0; rounding can give them a minus sign.
    kind = "better" if change < -0.005 else "worse" if change > 0.005 else ""
    signed = (f"{change:+.2f}".replace("-", "−") if kind else "0.00") if taken else ""
    shown = f"{abs(after):.2f}" if taken else ""
    return (
        f"<tr><th>{name}</th><td>{abs(before):.2f}</td><td>{shown}</td>"
        f'<td class="{kind}">{signed}</td></tr>'
    )


def _weights(after: _After, rate: float, taken: int) -> str:
    """How far the weights of each part moved, relative to their size."""
    moves = after.moves
    longest = max(*moves.values(), 1e-9)
    bars = "".join(
        f'<div class="ts-bar"><span>{part}</span><span class="ts-lane">'
        f'<span style="width:{100 * move / longest if taken else 0:.1f}%"></span></span>'
        f"<span>{f'{move:.2%}'.replace('%', ' %') if taken else ''}</span></div>"
        for part, move in moves.items()
    )
    text = "How far each part moves, relative to the size of its weights."
    if taken:
        text = f"{after.moved:,} of {after.all:,} weights moved."
    if taken == 1:
        text += (
            f" Adam's first step moves each by nearly the learning rate, {rate:g}, where the "
            "gradient is large beside its ε; by less where it is not, by nothing where it is 0."
        )
    return f"<section><h3>Which weights moved</h3>{bars}<p>{text}</p></section>"


def _verdict(before: Sequence[_Figures], after: Sequence[_Figures], taken: int) -> str:
    if not taken:
        return f"The figures are means over {_EPS} samples of z, with the same ε before and after."
    own, other = (b.terms.loss - a.terms.loss for b, a in zip(before, after, strict=True))
    if abs(own) < _NEGLIGIBLE:
        first = "The loss of this image hardly changed."
    elif own > 0:
        first = f"The loss of this image fell by {own:.1f} nats."
    else:
        first = (
            f"The loss of this image rose by {-own:.1f} nats: the "
            f"{'step was' if taken == 1 else 'steps were'} too long; a gradient holds only near "
            "the weights at which it was computed."
        )
    if abs(other) < _NEGLIGIBLE:
        second = "That of the other hardly changed."
    elif other > 0:
        second = f"That of the other fell by {other:.1f}{', too' if own >= _NEGLIGIBLE else ''}."
    else:
        second = (
            f"That of the other rose by {-other:.1f}: the gradient did not take it into account. "
            "A training therefore averages the gradients of a batch of images."
        )
    return f"{first} {second}"


STEP = Step(
    key="training_step",
    name="Training step",
    title="One training step on this image",
    question=(
        "The model now learns from this one image. Will its loss fall? And what happens "
        "to an image of another digit, which shares all the weights?"
    ),
    show=_show,
    formula=r"""
        \begin{gathered}
        g = \nabla_\theta\, \mathrm{loss}(x, y, \varepsilon;\ \theta) \\
        m \leftarrow m + (1 - \beta_1)(g - m) \\
        v \leftarrow v + (1 - \beta_2)(g^2 - v) \\
        \theta \leftarrow \theta - \eta\,
        \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}\, \frac{m}{\sqrt{v} + \epsilon}
        \end{gathered}""",
    code="vae/analysis/gradient.py:gradients vae/analysis/gradient.py:adam_step",
    seen=(
        "The gradient says for each weight which way the loss of this image rises; Adam takes a "
        "step the other way from moments of zero. A small step helps this image and may harm "
        "others, a large one misses its aim. Here nothing is augmented or dropped out, the "
        "consistency term is left out, and batch normalisations keep their statistics."
    ),
)
