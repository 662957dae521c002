"""Explore the latent space: a map of it, walks through it, and arithmetic with it."""

from ui.explore import views
from ui.shared import address
from ui.shell import chosen_model

model, model_id = chosen_model.current()
address.check(address.EXPLORE, model)
show = views.choose(model)
show(model, model_id)
