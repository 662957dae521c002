"""What a trained model knows: its latent space, bounds, gradients, calibration and metrics."""
