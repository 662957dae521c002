"""The room of the generate page."""
