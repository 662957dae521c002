"""Pictures on the page."""

import base64
import html

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from vae.images import to_png

_MIN_HEIGHT_REM = 18
"""However low the window is, a picture may be this high: one then scrolls to its end."""


def show(picture: NDArray[np.uint8], alt: str, reserved_rem: float | None = None) -> None:
    """Show a picture (height, width) where it is called, as wide as that, with its pixels crisp.

    It travels inside the page itself, which saves the request that st.image makes the
    browser send, and unscaled.

    Args:
        picture: (height, width) or (height, width, 3).
        alt: what it shows, in words.
        reserved_rem: if given, the picture is at most as high as the window less this, rem.
    """
    width = "100%"
    if reserved_rem is not None:
        high = f"max(100dvh - {reserved_rem:g}rem, {_MIN_HEIGHT_REM}rem)"
        width = f"min(100%, calc({high} * {picture.shape[1] / picture.shape[0]:.4f}))"
    show_png(to_png(picture), alt, width)


def show_png(png: bytes, alt: str, width: str = "100%") -> None:
    """As `show`, of a picture that is a PNG file already, with its width in CSS."""
    data = base64.b64encode(png).decode()
    st.html(
        f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}" '
        f'style="width:{width};display:block;border-radius:0.4rem;image-rendering:pixelated">'
    )
