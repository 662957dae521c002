"""The training loop, its progress and its checkpoints."""
