"""Reads of a variable not ordered with its update, in the graph that TensorFlow runs."""

from collections import defaultdict

from tensorflow.python.eager import context


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
