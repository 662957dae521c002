"""The model: its architecture, built in Keras and in NumPy, and its file format."""
