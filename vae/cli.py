"""The terminal: vae train | runs | evaluate | generate | …, or python -m vae."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from vae.analysis.evaluation import evaluate
from vae.analysis.latent import decode_grid, samples_of_digits
from vae.data.mnist import load_mnist
from vae.errors import UsageError, VAELabError, os_error_message
from vae.files.export import MAX_COUNT, MAX_SPREAD, generate_dataset
from vae.files.registry import NAME, free_name, load, name_knob
from vae.files.weights import check_writable
from vae.images import grid, to_png
from vae.model.numpy_model import TrainedVAE
from vae.params import Params, expected
from vae.presets import PRESETS
from vae.runs import store
from vae.runs.interrupt import stop_on_interrupt
from vae.runs.worker import run_training
from vae.training import compile_cache, report_units
from vae.training.progress import Progress


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit status."""
    options = parse_arguments(arguments)
    try:
        status: int = options.run(options)
        return status
    except VAELabError as error:
        print(f"vae: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"vae: {os_error_message(str(error.filename or 'error'), error)}", file=sys.stderr)
        return 2


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of a command line, by default of this process; `run` is what carries it out."""
    parser = argparse.ArgumentParser(prog="vae", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    train = commands.add_parser("train", help="train a model on MNIST and save it")
    train.add_argument(
        "--preset", choices=PRESETS, default="classic", help="parameters to start from"
    )
    train.add_argument(
        "--out", type=Path, help="the weights file; by default, where the app finds it"
    )
    train.add_argument("--force", action="store_true", help="replace the file if it exists")
    train.add_argument("--name", help="name of the model; by default, that of the file")
    train.add_argument("--resume", metavar="RUN", help="resume a run instead (see vae runs)")
    for name, field in Params.model_fields.items():
        train.add_argument(
            f"--{name.replace('_', '-')}",
            f"--{name}",
            dest=name,
            metavar="X",
            help=f"{field.description} May be {expected(name)}.".replace("%", "%%"),
        )
    train.set_defaults(run=_train)

    runs = commands.add_parser("runs", help="list all runs, those of the app too")
    runs.set_defaults(run=_runs)

    model = argparse.ArgumentParser(add_help=False)
    model.add_argument("model", metavar="MODEL", help="a model's name, or a weights file")

    measure = commands.add_parser(
        "evaluate", parents=[model], help="measure a model on MNIST's test set"
    )
    measure.add_argument("--json", action="store_true", help="print JSON")
    measure.set_defaults(run=_evaluate)

    generate = commands.add_parser(
        "generate", parents=[model], help="draw digits into a PNG or an NPZ file"
    )
    generate.add_argument(
        "--digits", default="0123456789", help="a column each; without labels, their number"
    )
    generate.add_argument("--seed", type=int, default=0, help="of the random z")
    file = generate.add_mutually_exclusive_group(required=True)
    file.add_argument("--out", type=Path, metavar="FILE", help="write a PNG file")
    file.add_argument("--npz", type=Path, metavar="FILE", help="write x, images, and y, labels")
    generate.add_argument("--rows", type=int, help="PNG: one random z each, 1 to 100; 8 by default")
    generate.add_argument(
        "--count", type=int, help=f"NPZ: how many images, 1 to {MAX_COUNT}; 1000 by default"
    )
    generate.add_argument(
        "--source",
        choices=["prior", "own"],
        help="NPZ: z of the prior, the default, or of each digit's own Gaussian",
    )
    generate.add_argument(
        "--spread",
        type=float,
        help=f"NPZ: what z's deviation is multiplied by, 0 to {MAX_SPREAD}; 1 by default",
    )
    generate.set_defaults(run=_generate)

    label = commands.add_parser("name", parents=[model], help="name a latent knob of a model")
    label.add_argument("dimension", metavar="I", type=int, help="of z, from 0")
    label.add_argument("name", metavar="NAME", help="such as slant; empty for none")
    label.set_defaults(run=_name)
    return parser.parse_args(arguments)


def params_of(options: argparse.Namespace) -> Params:
    """The parameters that the options of `train` ask for.

    Raises:
        ParamsError: if one is not valid.
    """
    texts = {name: getattr(options, name) for name in Params.model_fields}
    changes = {name: _parse(name, text) for name, text in texts.items() if text is not None}
    return Params(**PRESETS[options.preset].model_dump() | changes)


def _train(options: argparse.Namespace) -> int:
    if options.resume:
        run = store.get(options.resume)
        run.request(desired_state="run")
    else:
        params = params_of(options)
        if options.out:
            check_writable(options.out)
            if options.out.exists() and not options.force:
                raise UsageError(f"{options.out} exists already; --force replaces it.")
        stem = options.out.stem if options.out else ""
        name = options.name or (stem if NAME.fullmatch(stem) else free_name(options.preset))
        run = store.create(params, name, options.out, replaces=options.force)
    compile_cache.enable()
    with stop_on_interrupt(run) as interrupted:
        print(f"Run {run.id}: the first batch waits for the compiler.")
        for trained in _show_progress(run_training(run, hold_slot=True), run.params):
            epoch = trained.history[-1]
            validation = {term: epoch[f"val_{term}"] for term in run.params.terms}
            print(f"Validation Loss: {_shown(validation, run.params)['loss']:.4f}\n")
            mean = _shown(epoch, run.params)["loss"]
            print(f"Epoch {epoch['epoch']} finished, mean loss: {mean:.4f}")
    status = run.status()
    if interrupted.is_set() and not status.history.epochs[1:]:
        raise KeyboardInterrupt
    print(status.message)
    for sentence in filter(None, [status.history.worsened, *status.history.problems]):
        print(sentence)
    if run.last.exists():
        accuracy = load(run.last).metrics.get("accuracy")  # None if measuring was interrupted.
        classifies = f"; it classifies {accuracy:.2%} of the test set" if accuracy else ""
        print(f"Saved {run.out or run.last}{classifies}.")
    return 0


def _runs(options: argparse.Namespace) -> int:
    for summary in store.summaries():
        figures = summary.figures
        shown = f"epoch {figures['epoch']:>3.0f}" if figures else ""
        if "val_loss" in figures:
            shown += f"  val loss {figures['val_loss']:8.3f}  acc {figures['val_accuracy']:.4f}"
        title = summary.run.title if summary.run else summary.problem
        print(f"{summary.run_id:<40} {summary.state:<9} {shown}  {title}".rstrip())
    return 0


def _show_progress(training: Iterator[Progress], params: Params) -> Iterator[TrainedVAE]:
    """Yield the model at the end of each epoch, with a progress line in between."""
    bar = None
    try:
        for progress in training:
            if not bar:
                title = f"Epoch {progress.epoch}/{params.epochs}"
                bar = tqdm(total=progress.steps, desc=title, unit="batch")
            terms = _shown({term: getattr(progress, term) for term in params.terms}, params)
            bar.set_postfix({term: f"{terms[term]:.4f}" for term in terms}, refresh=False)
            bar.update(progress.step - bar.n)
            if progress.trained:
                bar.close()
                bar = None
                yield progress.trained
    finally:
        if bar:
            bar.close()


def _shown(terms: Mapping[str, Any], params: Params) -> Mapping[str, Any]:
    """The terms of the loss; in the report's units, if the model has its loss."""
    return report_units.converted(terms, params) if report_units.has_loss(params) else terms


def _parse(name: str, text: str) -> Any:
    kind = Params.model_fields[name].annotation
    try:
        return json.loads(text) if kind is bool else kind(text) if kind in (int, float) else text
    except ValueError:
        return text


def _evaluate(options: argparse.Namespace) -> int:
    model = load(options.model)
    metrics = evaluate(model, load_mnist().test)
    if options.json:
        print(json.dumps(metrics, indent=2))
        return 0
    rows = {
        "accuracy": f"{metrics['accuracy']:.4f}",
        "cross-entropy": f"{metrics['cross_entropy']:.4f} nats",
        "recon (z sampled)": f"{metrics['recon']:.3f} nats",
        "KL": f"{metrics['kl']:.3f} nats",
        "loss (z sampled)": f"{metrics['loss']:.3f}",
        "SSE (z sampled)": f"{metrics['sse_sampled']:.3f}",
        "SSE (z = mu)": f"{metrics['sse_mean']:.3f}",
        "active units": f"{metrics['active_units']} of {model.params.z_dim}",
        "calibration error": f"{metrics['calibration_error']:.4f}",
    }
    for label, figure in rows.items():
        print(f"{label:<20}{figure}")
    return 0


def _generate(options: argparse.Namespace) -> int:
    if not options.digits or not set(options.digits) <= set("0123456789"):
        raise UsageError("--digits must be digits, such as 0123456789.")
    digits = list(map(int, options.digits))
    own_options = {"rows": "out", "count": "npz", "source": "npz", "spread": "npz"}
    for name, file in own_options.items():
        if getattr(options, name) is not None and not getattr(options, file):
            raise UsageError(f"--{name} needs --{file}.")
    if options.npz:
        _generate_dataset(options, digits)
    else:
        _generate_picture(options, digits)
    print(f"Saved {options.npz or options.out}.")
    return 0


def _generate_picture(options: argparse.Namespace, digits: list[int]) -> None:
    rows = 8 if options.rows is None else options.rows
    if not 1 <= rows <= 100 or len(digits) > 100:
        raise UsageError("--rows and the number of --digits must be 1 to 100.")
    if options.seed < 0:
        raise UsageError("--seed must not be negative.")
    model = load(options.model)
    zero = np.zeros(model.params.z_dim)
    z = samples_of_digits(model, len(digits), zero, rows, 1.0, options.seed)
    columns = decode_grid(model, digits, z)
    options.out.write_bytes(to_png(grid(columns.transpose(1, 0, 2), scale=2)))


def _generate_dataset(options: argparse.Namespace, digits: list[int]) -> None:
    count = 1000 if options.count is None else options.count
    spread = 1.0 if options.spread is None else options.spread
    own = options.source == "own"
    with tqdm(total=count, unit="image") as bar:
        dataset = generate_dataset(
            load(options.model), count, options.seed, digits, own, spread, progress=bar.update
        )
    dataset.save(options.npz)


def _name(options: argparse.Namespace) -> int:
    name_knob(options.model, options.dimension, options.name)
    return 0
