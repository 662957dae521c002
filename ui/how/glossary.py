"""The words of the field, each linked to the step or view that shows it."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st


class Word(NamedTuple):
    """A word.

    Attributes:
        name: the word.
        meaning: in Markdown, one or two sentences.
        place: the key of the step that shows it, or "explore:" with the name of a view.
    """

    name: str
    meaning: str
    place: str


WORDS: list[Word] = []


def show(steps: Mapping[str, str]) -> None:
    """Show all words, where it is called.

    Args:
        steps: the names of the steps, by their keys.
    """
    st.markdown("## Glossary")
