"""Explore the latent space: a map of it, walks through it, and arithmetic with it."""

from ui import shell
from ui.explore import views

model, model_id = shell.current()
show = views.choose()
show(model, model_id)
