"""A view of the Explore page."""

from vae.model.numpy_model import TrainedVAE


def show(model: TrainedVAE, model_id: str) -> None:
    """Show it, where it is called."""
