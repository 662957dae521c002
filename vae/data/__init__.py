"""MNIST, drawings brought to its form, and digits drawn by program."""
