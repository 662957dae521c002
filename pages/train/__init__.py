"""The room of the train page."""
