"""What all pages have: page setup, navigation and the header."""

import streamlit as st

from ui import drawing_link, header, shell
from ui.public import visitor

st.set_page_config(
    page_title="VAE Lab",
    page_icon=shell.ICON,
    layout="wide",
    # With an entry of its own, Streamlit shows the menu, which has the choice of the theme.
    menu_items={"About": "**VAE Lab**: a variational autoencoder to draw with, train and steer."},
)
pages = [
    st.Page("pages/draw.py", title="Draw", default=True),
    st.Page("pages/generate.py", title="Generate", url_path="generate"),
    st.Page("pages/explore.py", title="Explore", url_path="explore"),
    st.Page("pages/how-it-works.py", title="How it works", url_path="how-it-works"),
    st.Page("pages/train.py", title="Train", url_path="train"),
    st.Page("pages/runs.py", title="Runs", url_path="runs"),
]
page = st.navigation(pages, position="hidden")
visitor.begin()
header.show(pages, page)
visitor.keep()
drawing_link.read_address()
with shell.navigation():
    page.run()
shell.prepare_process()
