"""What the server answers besides Streamlit's own messages: modules, weights, the page's HTML."""
