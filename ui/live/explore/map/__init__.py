"""The map of the latent space, drawn in the browser."""
