"""The front door: page setup, navigation and the choice of a model."""

import streamlit as st

from ui import shell

st.set_page_config(page_title="VAE Lab", page_icon="ui/icon.png", layout="wide")
page = st.navigation(
    [
        st.Page(
            "pages/draw.py",
            title="Draw",
            icon=":material/draw:",
            default=True,
        ),
        st.Page(
            "pages/generate.py",
            title="Generate",
            icon=":material/grid_view:",
            url_path="generate",
        ),
        st.Page(
            "pages/train.py",
            title="Train",
            icon=":material/model_training:",
            url_path="train",
        ),
        st.Page(
            "pages/runs.py",
            title="Runs",
            icon=":material/table_rows:",
            url_path="runs",
        ),
    ],
    position="top",
)
shell.header()
with shell.navigation():
    page.run()
shell.prepare_process()
