"""The pages of the app, each a script in the folder `pages`."""

from pathlib import Path

from vae import settings

FIRST = "draw"
"""The page whose path is empty."""

PAGES = {
    FIRST: "Draw",
    "generate": "Generate",
    "explore": "Explore",
    "how-it-works": "How it works",
    "train": "Train",
    "runs": "Runs",
}
"""Their titles by their names, which are their paths too."""

WITHOUT_MODEL = ("train", "runs")
"""Those that are of use before there is any model."""


def script(name: str) -> Path:
    """The script of a page, as `st.Page` and `st.page_link` want it."""
    return settings.ROOT / "pages" / f"{name}.py"
