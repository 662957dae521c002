"""Step 3: the label is an input of the decoder, and of some encoders."""

from ui.components import component
from ui.components.subject import Subject
from ui.how.image import mount
from ui.how.step import Step
from ui.shared import address
from vae.model.numpy_model import TrainedVAE

_live = component("how/label/label")
_PARAMETER = "how_label"
"""Of the address, the label chosen; label.js adds it to copied links."""


def _show(subject: Subject, model: TrainedVAE, model_id: str) -> None:
    mount(_live, STEP.key, subject, model_id, start=address.value(_PARAMETER, model))


STEP = Step(
    key="label",
    name="Label",
    title="The label is added",
    question=(
        "The decoder gets z and a label. If the label changes and z does not, what of the "
        "digit stays the same?"
    ),
    show=_show,
    formula=r"""
        \begin{gathered}
        \hat x = \mathrm{decoder}(z,\ y) \\
        y = (0, \dots, 1, \dots, 0) \\ \text{or the classifier's probabilities}
        \end{gathered}""",
    code="vae/model/numpy_model.py:TrainedVAE.decode_logits",
    seen=(
        "Where encoder and decoder get the label, z holds what the label leaves open, such as "
        "slant, width and thickness. With a wrong label the image is an unusual example of that "
        "digit, and z has to describe how. Where only the decoder gets the label, z does not "
        "change with it; without labels, z holds the digit, too."
    ),
)
