"""Two ways to read a digit: how often each is right on the test set.

    python -m benchmarks.readings classic fast conv [--samples 4] [--write]

prints a table with a row for each model (a name or a weights file):
    classifier      accuracy of the model's classifier
    decoder         accuracy of Bayes' rule with the ten ELBOs, log p(x | y) + log p(y): the decoder
                    as a classifier. The mean over z is that over `samples` eps
    differ          on how many images the two differ
    classifier right, decoder right, neither right    of those

With --write the rows are saved in weights/readings.json, from which the page How it works shows
them.
"""

import argparse

from vae.analysis.readings import SAMPLES, Readings, read, write
from vae.data.mnist import load_mnist
from vae.files.registry import available
from vae.files.weights import load

RIGHT = ("classifier right", "decoder right", "neither right")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", help="weights files, or names of models")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="of eps")
    parser.add_argument("--write", action="store_true", help="save the rows for the app")
    options = parser.parse_args()
    test = load_mnist().test
    columns = ("model", "classifier", "decoder", "differ", *RIGHT)
    print("|", *(f"{column} |" for column in columns))
    print("|---" * len(columns) + "|")
    for name in options.models:
        model = load(available().get(name, name))
        found = read(model, test, options.samples)
        show(name, found)
        if options.write:
            write(model, found)


def show(title: str, found: Readings) -> None:
    """Print a row of the table."""
    neither = found.differ - found.classifier_right - found.decoder_right
    print(
        f"| {title} | {found.classifier:.4f} | {found.decoder:.4f} | {found.differ} "
        f"| {found.classifier_right} | {found.decoder_right} | {neither} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
