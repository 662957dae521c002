"""A step of How it works: its text and its live part."""
