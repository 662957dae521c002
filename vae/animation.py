"""Pictures one after the other in one file, which browsers and chat programs play endlessly."""

import io
from collections.abc import Sequence
from typing import Literal

from PIL import Image

Format = Literal["GIF", "WEBP", "PNG"]
"""The files that can be made; an animated PNG is an APNG, which other programs show as a still."""


def animated(
    frames: Sequence[Image.Image], milliseconds: Sequence[int], file_format: Format
) -> bytes:
    """The content of an animated file. It is lossless; a GIF has at most 256 colours.

    Args:
        frames: at least one, all of the same size.
        milliseconds: how long each is shown. A GIF counts in hundredths of a second.
        file_format: of the file.
    """
    first, *others = frames
    file = io.BytesIO()
    # Only WebP files know the option `lossless`.
    first.save(
        *(file, file_format),
        save_all=True,
        append_images=others,
        duration=list(milliseconds),
        loop=0,
        lossless=True,
    )
    return file.getvalue()
