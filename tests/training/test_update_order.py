"""The same seed gives the same model, however busy the machine is."""

from collections import defaultdict

import pytest
import tensorflow as tf
from small_runs import RICH
from tensorflow.python.eager import context

from vae.data.mnist import Data
from vae.model.keras_model import VAE
from vae.presets import PRESETS
from vae.training.loop import Training

FEW = {"synthetic_ratio": 0.0, "epochs": 1}
"""For a quick start, and without XLA, which has no such graph."""


@pytest.fixture(scope="module")
def few(mnist):
    return Data(mnist.train.part(slice(6000)), mnist.test.part(slice(100)))


@pytest.mark.parametrize(
    "params",
    [
        RICH,
        RICH.model_copy(update={"decoder_sees": "label", "encoder_sees_label": True}),
        RICH.model_copy(update={"decoder_sees": "nothing"}),
        PRESETS["conv"].model_copy(update=FEW),
    ],
    ids=["rich", "label", "nothing", "conv"],
)
def test_every_read_of_a_variable_is_ordered_with_its_update(params, few):
    count, unordered = unordered_reads(Training(params, few))
    assert count > 50
    assert unordered == []


def test_a_read_that_is_not_ordered_is_found(few, monkeypatch):
    def step(model, x, y):
        with tf.GradientTape() as tape:
            terms = model.loss_terms(x, y, training=True)
        variables = model.trainable_variables
        model.optimizer.apply(tape.gradient(terms["loss"], variables), variables)
        return terms

    monkeypatch.setattr(VAE, "step", step)
    _, unordered = unordered_reads(Training(RICH, few))
    assert len(unordered) == 4, "the weights and biases of the classifier's two layers"


def unordered_reads(training):
    """The number of reads of variables in a training step, and those not ordered with a write.

    The graph is the one after TensorFlow's graph optimizers, which may drop an order that the
    program asks for.
    """
    training._compiled()
    context.context().enable_run_metadata()
    context.context().enable_graph_collection()
    try:
        training.advance(1)
        graphs = context.context().export_run_metadata().function_graphs
    finally:
        context.context().disable_graph_collection()
        context.context().disable_run_metadata()
    graph = max((g.post_optimization_graph for g in graphs), key=lambda g: len(g.node))
    nodes = {node.name: node for node in graph.node}
    users = defaultdict(set)
    for node in graph.node:
        for name in map(_node_name, node.input):
            users[name].add(node.name)

    def followers(name):
        """What waits for a node in the same step, whichever branch is taken."""
        found, todo = {name}, [name]
        while todo:
            for other in users[todo.pop()] - found:
                # Beyond these another step begins, or only one of two branches is waited for.
                if nodes[other].op == "NextIteration":
                    found.add(other)
                elif nodes[other].op != "Merge" or "branch_executed" in other:
                    found.add(other)
                    todo.append(other)
        return found

    reads, writes = defaultdict(list), defaultdict(list)
    for node in graph.node:
        if "VariableOp" in node.op:
            variable = nodes[_node_name(node.input[0])]
            while variable.op in ("Enter", "Identity", "Switch"):
                variable = nodes[_node_name(variable.input[0])]
            kind = reads if node.op == "ReadVariableOp" else writes
            kind[variable.name].append(node.name)
    after = {
        name: followers(name)
        for kind in (reads, writes)
        for names in kind.values()
        for name in names
    }
    unordered = [
        (read, write)
        for variable, names in reads.items()
        for read in names
        for write in writes[variable]
        if write not in after[read] and read not in after[write]
    ]
    return sum(map(len, reads.values())), unordered


def _node_name(name):
    return name.removeprefix("^").split(":")[0]
