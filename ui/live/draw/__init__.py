"""The components of the Draw page."""
