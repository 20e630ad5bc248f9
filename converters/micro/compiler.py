"""The micro compiler's road: a graph in, a program out."""

from __future__ import annotations

from collections.abc import Collection

from edgekit.converters.micro.choose import choose_kernels
from edgekit.converters.micro.emit import Program, layer_symbols
from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.layer import Layer
from edgekit.converters.micro.plan import plan_memory
from edgekit.converters.micro.reader import op_kind, op_modules
from edgekit.errors import EdgekitError


def compile_graph(
    graph: Graph, name: str, isa: Collection[str] = (), optimize: str = "balanced"
) -> Program:
    """Check, lower and plan every layer. `name` is the C prefix of the model's functions, `isa`
    what the board's core has beyond plain C, `optimize` one of `choose.OPTIMIZE`."""
    _check_ends(graph)
    modules = {op_kind(module): module for module in op_modules().values()}
    every: list[Layer] = [modules[op.kind].lower(op, graph) for op in graph.ops]
    every = choose_kernels(every, graph, isa, optimize)
    positions = tuple(i for i, layer in enumerate(every) if layer.kernel is not None)
    layers = tuple(every[i] for i in positions)
    if not layers:
        raise EdgekitError("the model computes nothing", where=name, remedy="Check the export.")
    plan = plan_memory(graph, every)
    return Program(name, graph, layers, layer_symbols(layers), positions, plan)


def _check_ends(graph: Graph) -> None:
    """The model's own inputs and outputs must be what a device can be handed."""
    for index in graph.inputs + graph.outputs:
        tensor = graph.tensors[index]
        quantized = tensor.quantization is not None and len(tensor.quantization.scale) == 1
        if tensor.dtype == "float32" or (tensor.dtype in ("int8", "uint8") and quantized):
            continue
        raise EdgekitError(
            f"it is {tensor.dtype}{'' if quantized else ' without one scale'}; "
            "inputs and outputs are int8, uint8 or float32",
            where=f"tensor '{tensor.name[:60]}'",
            remedy="Quantize the model again.",
        )
