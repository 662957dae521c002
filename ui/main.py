"""What all pages have: page setup, navigation and the header."""

import streamlit as st

from ui.draw import drawing_link
from ui.shared.pages import FIRST, PAGES, script
from ui.shell import chosen_model, header
from vae.errors import DatabaseError

pages = [st.Page(script(name), title=title, default=name == FIRST) for name, title in PAGES.items()]
page = st.navigation(pages, position="hidden")
st.set_page_config(
    page_title=f"{page.title} · VAE Lab",
    page_icon=chosen_model.ICON,
    layout="wide",
    # With an entry of its own, Streamlit shows the menu, which has the choice of the theme.
    menu_items={"About": "**VAE Lab**: a variational autoencoder to draw with, train and steer."},
)
try:
    header.show(pages, page)
    drawing_link.read_address()
    page.run()
except DatabaseError as error:
    st.error(error, icon=":material/error:")
