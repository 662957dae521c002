"""What the Generate page is made of."""

from pathlib import Path

STYLE = Path(__file__).parent / "layout.css"
