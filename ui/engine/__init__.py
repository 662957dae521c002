"""The trained model in the browser, and how it gets there."""
