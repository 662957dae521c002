"""How fast a model classifies images, beside other ways to run it, which take turns in one run.

    pip install -r requirements-bench.txt
    python -m benchmarks.answers [--rounds 20] [MODEL …]

Milliseconds for 1, 100 and 10,000 images: the median of all rounds, and in brackets the median of
its ratio to NumPy's within a round. *NumPy* is what the app's server uses. Before it is timed,
each way must give the same logits. ONNX Runtime is left out if it is not installed.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from vae.data.mnist import load_mnist
from vae.model import registry
from vae.model.numpy_model import TrainedVAE
from vae.training.quiet import quiet

with quiet():
    import tensorflow as tf

    from vae.model.keras_model import VAE

try:
    import onnxruntime

    from benchmarks.other_libraries.onnx_model import classifier
except ImportError:
    onnxruntime = None

COUNTS = (1, 100, 10_000)
_TOLERANCE = 1e-3
"""Of logits, which reach 30."""

Classify = Callable[[np.ndarray], np.ndarray]


def ways(model: TrainedVAE) -> dict[str, Classify]:
    """Each way to classify images (n, 784) → logits (n, 10), by its name."""
    keras = VAE.from_trained(model)
    graph = tf.function(keras.classifier, reduce_retracing=True)
    found: dict[str, Classify] = {
        "NumPy": model.classify,
        "Keras predict": lambda x: keras.classifier.predict(x, batch_size=1000, verbose=0),
        "tf.function": lambda x: graph(tf.constant(x)).numpy(),
    }
    if onnxruntime:
        session = onnxruntime.InferenceSession(
            classifier(model).SerializeToString(), providers=["CPUExecutionProvider"]
        )
        found["ONNX Runtime"] = lambda x: session.run(None, {"x": x})[0]
    return found


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=["classic", "fast", "conv"])
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    images = load_mnist().test.x
    header = None
    for name in options.models:
        model = registry.load(name)
        candidates = ways(model)
        if not header:
            header = f"| ms (times NumPy) | images | {' | '.join(candidates)} |"
            print(header, "|---" * (len(candidates) + 2) + "|", sep="\n")
        for count in COUNTS:
            x = images[:count]
            expected = model.classify(x)
            for way, classify in candidates.items():  # Compiles, too.
                if np.abs(classify(x) - expected).max() > _TOLERANCE:
                    raise SystemExit(f"{way} does not give the logits of {name}.")
            seconds: dict[str, list[float]] = {way: [] for way in candidates}
            for _ in range(options.rounds if count < 1000 else max(3, options.rounds // 4)):
                for way, classify in candidates.items():
                    began = time.perf_counter()
                    classify(x)
                    seconds[way].append(time.perf_counter() - began)
            cells = []
            for times in seconds.values():
                ratios = [a / b for a, b in zip(times, seconds["NumPy"], strict=True)]
                median, ratio = 1000 * statistics.median(times), statistics.median(ratios)
                cells.append(f"{median:.3g} ({ratio:.2f})")
            print(f"| {name} | {count:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
