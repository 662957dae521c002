"""The words of the field, each linked to the step or view that shows it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import streamlit as st

from ui.shared.pages import script

EXPLORE = "Explore: "
"""Before the name of a view, in the place of a word."""


class Word(NamedTuple):
    """A word.

    Attributes:
        name: the word.
        meaning: in Markdown, one or two sentences.
        place: the key of the step that shows it, or `EXPLORE` with the name of a view.
    """

    name: str
    meaning: str
    place: str


WORDS = [
    Word(
        "Active unit",
        "A dimension of z that holds something about the image: its μ differs from image to "
        "image, with a variance above 0.01.",
        "beta",
    ),
    Word(
        "Adam step",
        "One change of all weights, against the gradient of the loss. Adam scales the step of "
        "each weight by its recent gradients.",
        "training_step",
    ),
    Word(
        "Bernoulli likelihood",
        "x̂ gives for each pixel the probability that it is white; the cost is a cross-entropy.",
        "decode",
    ),
    Word(
        "β, the KL weight",
        "What the KL divergence is multiplied by in the loss. A larger β brings z closer to the "
        "prior and makes reconstructions worse.",
        "beta",
    ),
    Word("Classifier", "The network that gives each digit's probability for an image.", "readings"),
    Word(
        "Conditional VAE",
        "A VAE whose decoder also gets a label, so that z need not hold which digit it is.",
        "label",
    ),
    Word("Decoder", "The network that turns z and a label into an image, x̂.", "decode"),
    Word(
        "ELBO, evidence lower bound",
        "Minus the reconstruction cost, minus the KL divergence; training makes it large. With "
        "the constant of the likelihood, which is left out here, it is at most log p(x | y).",
        "loss",
    ),
    Word("Encoder", "The network that turns an image into μ and log σ².", "encode"),
    Word(
        "ε",
        "Random numbers from N(0, 1), one for each dimension: the random part of z.",
        "sample",
    ),
    Word(
        "Gaussian likelihood",
        "Each pixel is normally distributed around x̂; its cost is a squared error.",
        "decode",
    ),
    Word(
        "Gradient",
        "The direction in which the loss rises fastest, as a derivative for each weight, or for "
        "μ and σ. Training goes the other way.",
        "training_step",
    ),
    Word(
        "Importance-weighted bound",
        "A bound on log p(x | y) from K samples of z instead of one. On average it is at least as "
        "close the larger K is.",
        "loss",
    ),
    Word(
        "KL divergence",
        "How far q(z | x) is from the prior, in nats. If it is 0 for all images, z carries no "
        "information. Its mean is an upper bound of that information.",
        "loss",
    ),
    Word("Label", "The digit that an image is said to show.", "label"),
    Word("Latent space", "The space of all z. Similar images lie close together.", f"{EXPLORE}Map"),
    Word(
        "Latent traversal",
        "Images from one z of which a single dimension is changed.",
        f"{EXPLORE}Traversals",
    ),
    Word(
        "Likelihood",
        "p(x | z): how probable the image is for the decoder, given z.",
        "decode",
    ),
    Word(
        "log σ²",
        "The logarithm of the variance of q(z | x). The encoder gives it instead of σ, since it "
        "may be any number.",
        "encode",
    ),
    Word(
        "Loss",
        "What training makes small: reconstruction cost + β · KL divergence, and further terms.",
        "loss",
    ),
    Word(
        "Manifold",
        "All images that the decoder can draw: a curved surface of as many dimensions as z has. "
        "The sheet shows a plane of z on it.",
        f"{EXPLORE}Sheet",
    ),
    Word(
        "Morph, interpolation",
        "Images from the z on the way between two z.",
        f"{EXPLORE}Morph",
    ),
    Word("μ", "The mean of q(z | x): where z lies for this image.", "encode"),
    Word("Nat", "The unit of information with the natural logarithm: 1 nat is 1.44 bits.", "loss"),
    Word(
        "Neighbour embedding",
        "A map of many dimensions in two that keeps neighbours together. Long distances on it "
        "mean little.",
        f"{EXPLORE}Map",
    ),
    Word(
        "PCA, principal components",
        "The directions in which the z of the images vary most; a map along two of them.",
        f"{EXPLORE}Map",
    ),
    Word(
        "Posterior, approximate, q(z | x)",
        "The distribution of z that the encoder gives for an image, a Gaussian with its μ and σ. "
        "The true posterior, p(z | x), cannot be computed.",
        "encode",
    ),
    Word(
        "Posterior collapse",
        "q(z | x) is the prior for every image, so z or some of its dimensions carry no "
        "information.",
        "beta",
    ),
    Word(
        "Prior, p(z)",
        "The distribution of z that the model assumes before it sees an image, N(0, I). New "
        "images are decoded from samples of it.",
        "sample",
    ),
    Word("Reconstruction, x̂", "The image that is decoded from the z of an image.", "decode"),
    Word(
        "Reparameterization",
        "Writing the random z as μ + σ · ε, so that the gradient reaches μ and σ.",
        "sample",
    ),
    Word("Sampling", "Drawing z at random, from q(z | x) or from the prior.", "sample"),
    Word("σ", "The standard deviation of q(z | x): how much z may vary for this image.", "encode"),
    Word(
        "Style arithmetic",
        "The mean z of some images minus that of others, added to a z.",
        f"{EXPLORE}Arithmetic",
    ),
    Word(
        "z, the latent vector",
        "The few numbers that describe an image; with the label, all that the decoder gets.",
        "sample",
    ),
]
"""In alphabetical order, Greek letters as they are read."""


def show(steps: Mapping[str, str], go: Callable[[str], None]) -> None:
    """Show all words, where it is called.

    Args:
        steps: the names of the steps, by their keys.
        go: the callback that goes to the step of that key.
    """
    st.markdown("## Glossary")
    with st.container(key="how_words"):
        for number, word in enumerate(WORDS):
            with st.container(key=f"how_word_{number}"):
                st.markdown(f"**{word.name}**")
                st.markdown(word.meaning)
                if word.place in steps:
                    st.button(
                        steps[word.place],
                        key=f"how_to_{number}",
                        icon=":material/arrow_forward:",
                        type="tertiary",
                        on_click=go,
                        args=(word.place,),
                    )
                elif word.place.startswith(EXPLORE):
                    st.page_link(
                        script("explore"),
                        label=word.place,
                        icon=":material/explore:",
                        query_params={"view": word.place.removeprefix(EXPLORE)},
                    )
