"""The front door: page setup, navigation and the choice of a model."""

import streamlit as st

from ui import server, shell

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
with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown("#### VAE Lab  :gray[:small[meet a variational autoencoder]]", width="stretch")
    shell.picker()
with shell.navigation():
    page.run()
server.settle()
