"""Line plots of benchmarks as SVG files, readable on light and on dark pages."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
from matplotlib import pyplot

_STYLE = {
    "svg.hashsalt": "benchmarks",  # The same figures give the same file.
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
}


def lines(
    path: Path,
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    x_label: str,
    y_label: str,
    x_log: bool = False,
) -> None:
    """Draw lines over the same x into an SVG file; y is logarithmic.

    Args:
        path: of the file.
        x: the positions, which are also the ticks.
        series: the values of each line at x, by the line's name.
        x_label: of the horizontal axis.
        y_label: of the vertical axis.
        x_log: whether x is logarithmic, too.
    """
    with matplotlib.rc_context(_STYLE):
        figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
        for marker, (name, values) in zip("osD^v", series.items(), strict=False):
            axes.plot(x, values, marker=marker, label=name)
        axes.set(xlabel=x_label, ylabel=y_label, yscale="log", xscale="log" if x_log else "linear")
        axes.set_xticks(x, [f"{value:g}" for value in x])
        axes.minorticks_off()
        axes.yaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:,g}")
        axes.legend(frameon=False)
        figure.savefig(path, format="svg", facecolor="white", metadata={"Date": None})
        pyplot.close(figure)
