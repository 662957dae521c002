"""How it works: one image followed through the model, step by step."""

from ui import shell
from ui.live.model import loader

shell.require_navigation()

model, model_id = shell.current()
loader.mount(model_id, model)
