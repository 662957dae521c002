"""The cookie of a visitor of a public server."""
