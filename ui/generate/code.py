"""The Python code that makes the picture of the Generate page."""

from ui.generate.choices import PAD_COLUMNS, Choices
from ui.shared import address
from ui.shared.address import PAD, SAMPLE, SWEEP
from vae.data.mnist import PIXELS
from vae.model.numpy_model import TrainedVAE


def of_picture(name: str, model: TrainedVAE, choices: Choices, scale: int, gap: int) -> str:
    """Code that writes the PNG file which the page downloads, byte for byte.

    Args:
        name: of the model.
        model: itself.
        choices: what the picture shows.
        scale, gap: as of `vae.images.grid`.
    """
    used, steps = _steps(model, choices)
    z = ", ".join(f"{choices.values[knob]:g}" for knob in address.knobs(model))
    contrast = choices.values[choices.contrast]
    lines = [
        "import numpy as np",
        "",
        "import vae",
        "from vae.images import grid, to_png",
        f"from vae.analysis.latent import {', '.join(sorted(['decode_grid', *used]))}",
        "",
        f"model = vae.load({name!r})",
        f"digits = {choices.digits}",
        f"z = np.array([{z}], np.float32)",
        *steps,
        f"images = decode_grid(model, digits, z, contrast={contrast:g})",
        *(_in_lines(len(choices.digits)) if choices.mode == PAD else []),
        f"picture = grid(images, scale={scale}, gap={gap})",
        'with open("digits.png", "wb") as file:',
        "    file.write(to_png(picture))",
    ]
    return "\n".join(lines)


def _steps(model: TrainedVAE, choices: Choices) -> tuple[list[str], list[str]]:
    """What makes the rows of z from that of the knobs: functions to import, and lines."""
    count, spread = int(choices.values["count"]), f"{choices.values['spread']:g}"
    seed, rows = choices.seed, len(choices.digits)
    if choices.mode == SWEEP:
        dimension = address.knobs(model).index(choices.swept)
        if model.labelled:
            return ["traverse"], [f"z = traverse(z, {count}, dimension={dimension})"]
        return ["sample_around", "traverse"], [
            f"starts = sample_around(z, {rows}, spread={spread}, seed={seed})",
            f"z = np.stack([traverse(row, {count}, dimension={dimension}) for row in starts])",
        ]
    if choices.mode != SAMPLE:
        return [], ["z = z[None]"]
    if not model.labelled:
        line = f"z = samples_of_digits(model, {rows}, z, {count}, spread={spread}, seed={seed})"
        return ["samples_of_digits"], [line]
    used, lines = (
        ["sample_around"],
        [f"z = sample_around(z, {count}, spread={spread}, seed={seed})"],
    )
    if choices.own and model.digit_gaussians:
        used.append("digits_own")
        lines.append("z = digits_own(model.digit_gaussians, digits, z)")
    return used, lines


def _in_lines(count: int) -> list[str]:
    """Lines that put a column of digits into rows of `PAD_COLUMNS`."""
    columns = min(count, PAD_COLUMNS)
    rows = -(-count // columns)
    return [
        f"places = np.zeros(({rows * columns}, {PIXELS}), np.float32)",
        f"places[:{count}] = images[:, 0]",
        f"images = places.reshape({rows}, {columns}, {PIXELS})",
    ]
