"""What every part of the app names alike: figures, addresses, pages and models."""
