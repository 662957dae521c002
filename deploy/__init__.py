"""The app for the internet: servers behind nginx."""
