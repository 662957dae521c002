"""The components of the Generate page."""
