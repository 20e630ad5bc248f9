"""The micro compiler's road: a graph in, a program out."""

from __future__ import annotations

from collections.abc import Collection

from edgekit.converters.micro.choose import choose_kernels
from edgekit.converters.micro.emit import Program, layer_symbols
from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.lower import lower_graph
from edgekit.converters.micro.passes.constant_channels import remove_constant_channels
from edgekit.converters.micro.plan import plan_memory
from edgekit.converters.micro.spare import use_spare_memory
from edgekit.errors import EdgekitError

PASSES = (remove_constant_channels,)


def compile_graph(
    graph: Graph, name: str, isa: Collection[str] = (), optimize: str = "balanced"
) -> Program:
    """Check, shrink, lower and plan the model. `name` is the C prefix of its functions, `isa` what
    the board's core has beyond plain C, `optimize` one of `choose.OPTIMIZE`."""
    _check_ends(graph)
    for change in PASSES:
        graph = change(graph, isa, optimize)
    every = choose_kernels(lower_graph(graph), graph, isa, optimize)
    plan = plan_memory(graph, every)
    every, plan = use_spare_memory(graph, every, plan)
    positions = tuple(i for i, layer in enumerate(every) if layer.kernel is not None)
    layers = tuple(every[i] for i in positions)
    if not layers:
        raise EdgekitError("the model computes nothing", where=name, remedy="Check the export.")
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
