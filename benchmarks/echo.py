"""A bare slider that shows its value, and beside it the Generate page, in one server."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ui import header, shell  # noqa: E402

st.set_page_config(layout="wide")
shell.prepare_process()


@st.fragment
def echo() -> None:
    """The least that a slider can do."""
    value = st.slider("z0", -3.0, 3.0, 0.0, 0.1)
    st.html(f'<img alt="echo" src="data:,{value}">')


pages = [
    st.Page(echo, title="Echo", default=True),
    st.Page(ROOT / "pages/generate.py", title="Generate", url_path="generate"),
]
page = st.navigation(pages, position="hidden")
header.show(pages, page)
with shell.navigation():
    page.run()
