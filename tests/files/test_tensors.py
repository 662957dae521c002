from dataclasses import replace

import numpy as np
import safetensors.numpy

from ui.engine.pack import pack
from vae.files import tensors


def test_arrays_in_any_order_of_memory_both_ways(tmp_path):
    array = np.arange(24, dtype=np.float32).reshape(4, 6)
    arrays = {"C": array, "turned": array.T, "strided": array[:, ::2], "number": np.array(7)}
    path = tmp_path / "file.safetensors"
    path.write_bytes(tensors.to_bytes(arrays, {"colour": "red"}))
    read, texts = tensors.read(path)
    assert texts == tensors.read_texts(path) == {"colour": "red"}
    assert read.keys() == arrays.keys()
    assert all(np.array_equal(read[name], arrays[name]) for name in arrays)


def test_the_browser_gets_a_model_in_any_order_of_memory(classic):
    kernel = np.asfortranarray(classic.tensors["mu.kernel"])
    model = replace(classic, tensors={**classic.tensors, "mu.kernel": kernel})
    packed = pack(model, "id", np.float32)
    assert np.array_equal(safetensors.numpy.load(packed)["mu.kernel"], kernel)
