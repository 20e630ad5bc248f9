"""A `.tflite` file: int8 as it is, float32 through post-training quantization."""

from __future__ import annotations

import struct
from pathlib import Path

from edgekit.converters import ptq
from edgekit.converters.calibration import InputSpec, data_needed, load_calibration
from edgekit.converters.extras import tool_version
from edgekit.converters.kind import model_kind
from edgekit.converters.micro.flatbuffer import root_table
from edgekit.converters.micro.graph import Graph
from edgekit.converters.micro.reader import read_graph
from edgekit.converters.source import Source, c_identifier, sha256
from edgekit.errors import EdgekitError
from edgekit.progress import note, step


def load(model: str, data: Path | None, workdir: Path) -> Source:
    """The int8 model of the file `model`; a float32 one is calibrated on `data`."""
    path = Path(model)
    given = path.read_bytes()
    raw, digest = _inlined(given, model), sha256(given)
    graph = read_graph(raw, model)
    name = c_identifier(path.stem)
    if model_kind(graph, model) == "int8":
        if data is not None:
            note(f"note: {path.name} is int8 already; --data is not used")
        return Source(name, model, digest, raw, None, "int8 (from the file)", {})
    specs = _input_specs(graph, model)
    if data is None:
        raise data_needed(model, specs)
    samples = load_calibration(data, specs)
    count = len(samples[0])
    with step(f"quantize to int8 on {count} samples"):
        tflite = ptq.quantize(raw, samples, workdir, model)
    quantization = f"int8, {ptq.quantizer_name()}, {count} calibration samples"
    tools = {"ai-edge-quantizer": tool_version("ai-edge-quantizer")}
    return Source(name, model, digest, tflite, raw, quantization, tools)


def _inlined(raw: bytes, where: str) -> bytes:
    """`raw`, rewritten only if it keeps weights behind the FlatBuffer."""
    try:
        buffers = root_table(raw, b"TFL3").tables(4)
        if not any(b.integer(1, "u64") > 1 for b in buffers):
            return raw
        from edgekit.converters.tidy import inline_buffers

        return inline_buffers(raw)
    # Damage is one of these exceptions (DamagedError is a ValueError); read_graph checks the rest.
    except (struct.error, ValueError, TypeError, IndexError, AttributeError):
        remedy = "Export the model again, or copy it again."
        raise EdgekitError("not a whole .tflite file", where=where, remedy=remedy) from None


def _input_specs(graph: Graph, where: str) -> tuple[InputSpec, ...]:
    specs = tuple(InputSpec(t.name, t.shape) for t in (graph.tensors[i] for i in graph.inputs))
    for spec in specs:
        if not spec.shape or spec.shape[0] != 1:
            raise EdgekitError(
                f"input '{spec.name}' of shape {list(spec.shape)} has no batch of 1",
                where=where,
                remedy="Export the model with a batch of 1.",
            )
    return specs
