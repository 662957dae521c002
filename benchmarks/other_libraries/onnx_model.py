"""A model's classifier as an ONNX graph, built from the layers of its architecture."""

import numpy as np
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

from vae.data.mnist import CLASSES, PIXELS
from vae.model.architecture import architecture
from vae.model.layers import BATCH_NORM_EPSILON, BatchNorm, Conv, Dense, Dropout, MaxPool, Reshape
from vae.model.numpy_model import TrainedVAE

_ACTIVATIONS = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "gelu": "Gelu"}
_OPSET = 20


def classifier(model: TrainedVAE) -> ModelProto:
    """The graph: `x` (n, 784) float32 → `logits` (n, 10)."""
    nodes, tensors = [], []
    last = "x"

    def constant(name: str, array: np.ndarray) -> str:
        tensors.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(kind: str, *inputs: str, **attributes: object) -> None:
        nonlocal last
        output = f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, [last, *inputs], [output], **attributes))
        last = output

    for i, layer in enumerate(architecture(model.params).classifier):
        own = {
            name.rsplit(".", 1)[1]: constant(name, model.tensors[name])
            for name in layer.shapes
            if not isinstance(layer, Conv)
        }
        if isinstance(layer, Dense):
            node("Gemm", own["kernel"], own["bias"])
        elif isinstance(layer, Conv):
            kernel = model.tensors[f"{layer.name}.kernel"].transpose(3, 2, 0, 1)
            bias = model.tensors[f"{layer.name}.bias"]
            node(
                "Conv",
                constant(f"{layer.name}.kernel", kernel),
                constant(f"{layer.name}.bias", bias),
                auto_pad="SAME_UPPER",
                strides=[layer.stride] * 2,
            )
        elif isinstance(layer, BatchNorm):
            names = ("gamma", "beta", "mean", "variance")
            node("BatchNormalization", *(own[n] for n in names), epsilon=BATCH_NORM_EPSILON)
        elif isinstance(layer, MaxPool):
            node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
        elif isinstance(layer, Reshape):
            if i:  # From channels first to the order of the dense layer's weights.
                node("Transpose", perm=[0, 2, 3, 1])
            *sides, channels = layer.shape
            shape = [-1, channels, *sides]
            node("Reshape", constant(f"shape{i}", np.array(shape, np.int64)))
        elif not isinstance(layer, Dropout):
            raise NotImplementedError(type(layer).__name__)
        if kind := _ACTIVATIONS.get(getattr(layer, "activation", None) or ""):
            node(kind, **({"approximate": "tanh"} if kind == "Gelu" else {}))
    nodes.append(helper.make_node("Identity", [last], ["logits"]))
    graph = helper.make_graph(
        nodes,
        "classifier",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", PIXELS])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", CLASSES])],
        tensors,
    )
    opsets = [helper.make_opsetid("", _OPSET)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    checker.check_model(made)
    return made
