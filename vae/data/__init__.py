"""MNIST, synthetic_digits brought to its form, and digits drawn by program."""
