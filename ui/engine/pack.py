"""A trained model as the bytes that the browser builds its own model from."""

import json

import numpy as np
from numpy.typing import DTypeLike

from vae.files.tensors import to_bytes
from vae.files.weights import cast
from vae.model.architecture import architecture
from vae.model.numpy_model import TrainedVAE


def pack(model: TrainedVAE, model_id: str, dtype: DTypeLike = np.float16) -> bytes:
    """A safetensors file with the tensors as `dtype`; one that is too large for it as float32.

    Its metadata holds `id`, `params` and `temperature`, and as `plan` the layers of each part:
    the fields of the classes in `vae.model.layers`, and `kind`, the name of the class.
    """
    plan = {
        part: [{"kind": type(layer).__name__, **vars(layer)} for layer in layers]
        for part, layers in architecture(model.params)._asdict().items()
    }
    tensors = {name: cast(tensor, dtype) for name, tensor in model.tensors.items()}
    metadata = {
        "id": model_id,
        "params": model.params.to_json(),
        "temperature": str(model.metrics.get("temperature", 1.0)),
        "plan": json.dumps(plan),
    }
    return to_bytes(tensors, metadata)
