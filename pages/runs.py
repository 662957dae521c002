"""The way in for a deep link that is a server's very first request.

Until st.navigation has been called once, Streamlit runs the file of this name in pages/
instead of app.py; that app.py exists beside it, or a "Page not found" would be shown.
"""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parent.parent / "app.py"))
