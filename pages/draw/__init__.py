"""The room of the draw page."""
