"""Explore the latent space: a map of it, walks through it, and arithmetic with it."""

from ui import address, shell
from ui.explore import views

model, model_id = shell.current()
address.check(address.EXPLORE, model)
show = views.choose(model)
show(model, model_id)
