"""The server: Streamlit's, with routes of our own. `streamlit run app.py` starts it."""

import streamlit as st

from ui.server.routes import all_routes
from ui.server.startup import lifespan, middleware

app = st.App("ui/main.py", routes=all_routes(), middleware=middleware(), lifespan=lifespan)
