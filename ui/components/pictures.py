"""Pictures on the page."""

import base64
import html

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from vae.images import to_png


def show(picture: NDArray[np.uint8], alt: str) -> None:
    """Show a picture where it is called, as wide as that, with its pixels crisp.

    It travels inside the page itself, which saves the request that st.image makes the
    browser send, and unscaled.

    Args:
        picture: (height, width).
        alt: what it shows, in words.
    """
    data = base64.b64encode(to_png(picture)).decode()
    st.html(
        f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}" '
        'style="width:100%;display:block;border-radius:0.4rem;image-rendering:pixelated">'
    )
