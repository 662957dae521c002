"""What the Draw page is made of."""

from pathlib import Path

STYLE = Path(__file__).parent / "page.css"
