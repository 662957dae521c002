"""MNIST, drawings brought into its form, and synthetic digits."""
