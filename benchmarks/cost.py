"""What a training step costs, against the width of the layers and the size of the batch.

    pip install -r requirements-bench.txt
    python -m benchmarks.cost [--rounds 5] [--plot docs/cost.svg]

Milliseconds of an optimizer step of `vae.train`: the median of all rounds, in which all sizes take
turns. The parameters are those of `classic`, with layers of another width.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from vae.data.mnist import load_mnist
from vae.presets import PRESETS
from vae.training.quiet import quiet

with quiet():
    import tensorflow as tf

    from vae.model.keras_model import VAE
    from vae.training.loop import compile_steps, steps_per_call

WIDTHS = (64, 128, 256, 512)
BATCHES = (25, 100, 400)


def measured(rounds: int) -> dict[tuple[int, int], float]:
    """Milliseconds of a step by width and batch size."""
    examples = load_mnist().train
    order = tf.constant(np.random.default_rng(0).permutation(len(examples.x)), tf.int32)
    tf.get_logger().setLevel("ERROR")  # Each size is another graph, on purpose.
    loops = {}
    for width in WIDTHS:
        for batch in BATCHES:
            layers = dict.fromkeys(
                ("encoder_layers", "decoder_layers", "digit_classification_layers"), (width,)
            )
            params = PRESETS["classic"].model_copy(update={"batch_size": batch, **layers})
            model = VAE(params)
            model.compile()
            model.optimizer.build(model.trainable_variables)
            loops[width, batch] = compile_steps(model, examples), steps_per_call(params)
    seconds: dict[tuple[int, int], list[float]] = {size: [] for size in loops}
    for turn in range(rounds + 1):
        for size, (run, count) in loops.items():
            began = time.perf_counter()
            run(order, 0, count).numpy()
            if turn:  # The first call compiles.
                seconds[size].append((time.perf_counter() - began) / count)
    return {size: 1000 * statistics.median(times) for size, times in seconds.items()}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--plot", type=Path, help="write a plot, too: an SVG file")
    options = parser.parse_args()
    if options.plot:
        from benchmarks import plots  # Fails before the measurement if Matplotlib is missing.
    found = measured(options.rounds)
    print("| ms a step, width |", *(f" batch of {batch} |" for batch in BATCHES), sep="")
    print("|---" * (len(BATCHES) + 1), "|", sep="")
    for width in WIDTHS:
        print(f"| {width} |", *(f" {found[width, batch]:.2f} |" for batch in BATCHES), sep="")
    if options.plot:
        lines = {f"batch of {b}": [found[width, b] for width in WIDTHS] for b in BATCHES}
        plots.lines(options.plot, WIDTHS, lines, "width of each layer", "ms a step", x_log=True)


if __name__ == "__main__":
    main()
