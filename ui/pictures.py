"""Pictures on the page."""

import base64
import html
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from vae.images import to_png


def show(picture: NDArray[np.uint8], alt: str, place: Any = st) -> None:
    """Show a picture (height, width) in `place`, as wide as that, with its pixels crisp.

    It travels inside the page itself, which saves the request that st.image makes the
    browser send, and unscaled.
    """
    show_png(to_png(picture), alt, place)


def show_png(png: bytes, alt: str, place: Any = st) -> None:
    """As `show`, of a picture that is a PNG file already."""
    data = base64.b64encode(png).decode()
    place.html(
        f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}" '
        f'style="width:100%;display:block;border-radius:0.4rem;image-rendering:pixelated">'
    )
