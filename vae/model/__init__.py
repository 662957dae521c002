"""The model: one architecture, built in Keras and in NumPy, and its file format."""
