"""The room of the runs page."""
