"""The components of the Explore page."""
