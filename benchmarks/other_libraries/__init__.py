"""The training step of `vae.model.keras_model` in other libraries, to compare the speed with.

Each module does the same work for the same parameters: all networks, the loss with its
consistency term, dropout, batch normalisation, synthetic digits, augmentation and Adam. The
learning rate is constant. As many random numbers are drawn, but not the same ones.
"""
