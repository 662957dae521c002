"""Step 3: the label is an input of the decoder, and of some encoders."""

from ui.how.image import live
from ui.how.step import Step

STEP = Step(
    key="label",
    name="Label",
    title="The label is added",
    question=(
        "The decoder gets z and a label. If the label changes and z does not, what of the "
        "digit stays the same?"
    ),
    show=live("label", "how_label"),
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
