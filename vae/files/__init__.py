"""Models on disk: their files, names and owners."""
