"""`tflite-micro`: bare C for a microcontroller, ahead of time, with golden vectors."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from pathlib import Path

import numpy as np

from edgekit import __version__
from edgekit.artifact import (
    BufferInfo,
    DutInfo,
    LayerInfo,
    Manifest,
    TensorInfo,
    sha256_file,
)
from edgekit.atomic import write_file
from edgekit.benchmarks.suite import load_suite, suite_for_model
from edgekit.converters.golden import golden_inputs, write_golden
from edgekit.converters.micro.compiler import compile_graph
from edgekit.converters.micro.emit import Program, emit_header, emit_source
from edgekit.converters.micro.graph import Tensor
from edgekit.converters.micro.host import HostModel
from edgekit.converters.micro.kernels import kernel_files
from edgekit.converters.micro.oracle import OracleRefusedError, oracle_name, run_oracle_apart
from edgekit.converters.micro.reader import read_graph
from edgekit.converters.request import Request
from edgekit.converters.source import Source
from edgekit.errors import EdgekitError
from edgekit.progress import note, step


def write(request: Request, source: Source, folder: Path) -> None:
    """Compile `source` and write the bundle's files into the empty `folder`.

    With a board, its firmware is built to learn the exact sizes; what does not fit is refused.
    """
    name = request.name or source.name
    with step("compile to C"):
        isa = {request.board.cpu, *request.board.isa} if request.board else set[str]()
        graph = read_graph(source.tflite, source.path)
        program = compile_graph(graph, name, isa, request.optimize)
        write_sources(program, source, request.command, folder)
    inputs = tuple(tensor_info(program.graph.tensors[i]) for i in program.graph.inputs)
    outputs = tuple(tensor_info(program.graph.tensors[i]) for i in program.graph.outputs)
    with step("golden vectors on the host, checked against TFLM's interpreter"):
        checked_by = _golden(folder, name, source, inputs, outputs)
    manifest = Manifest(
        name=name,
        target="tflite-micro",
        source=Path(source.path).name,
        source_sha256=source.sha256,
        files={path.name: sha256_file(path) for path in sorted(folder.iterdir())},
        inputs=inputs,
        outputs=outputs,
        layers=tuple(_layers(program)),
        quantization=source.quantization,
        optimize=request.optimize,
        arena_bytes=program.plan.arena_bytes,
        weights_bytes=program.weights_bytes,
        plan=tuple(_buffers(program)),
        dut=_dut(request, source, name),
        golden_checked_by=checked_by,
        tools={"edgekit": __version__, "numpy": np.__version__, **source.tools},
        command=request.command,
    )
    write_file(folder / "manifest.json", manifest.to_json())
    if request.board is not None:
        from edgekit.devices.firmware import measure_model

        with step(f"build for {request.board.id}"):
            sizes = measure_model(folder, manifest, request.board, request.compiler)
        board = {"board": request.board.id, "sizes": sizes}
        write_file(folder / "manifest.json", manifest.model_copy(update=board).to_json())


def write_sources(program: Program, source: Source, command: str, folder: Path) -> None:
    """Write the `.tflite`, `model.c`, `model.h` and the kernels that the program uses."""
    banner = (
        f"/* Made by edgekit {__version__}: {command.replace('*/', '')}\n"
        f" * from a model with SHA-256 {source.sha256}. Do not edit. */"
    )
    (folder / "model.tflite").write_bytes(source.tflite)
    (folder / "model.h").write_text(emit_header(program, banner))
    (folder / "model.c").write_text(emit_source(program, banner))
    for file, text in kernel_files(program.kernels).items():
        (folder / file).write_text(text)


def tensor_info(tensor: Tensor) -> TensorInfo:
    """What the manifest says of an input or output."""
    integer = tensor.dtype != "float32"
    return TensorInfo(
        name=tensor.name,
        shape=tensor.shape,
        dtype=tensor.dtype,  # type: ignore[arg-type]  # the compiler refused all others
        scale=tensor.scale if integer else None,
        zero_point=tensor.zero_point if integer else None,
    )


def _golden(
    folder: Path,
    name: str,
    source: Source,
    inputs: tuple[TensorInfo, ...],
    outputs: tuple[TensorInfo, ...],
) -> str | None:
    """Write golden.npz from the host twin. Returns the oracle that agreed, None without one."""
    given = golden_inputs(inputs, source.tflite)
    with HostModel(folder, name, inputs, outputs) as twin:
        made = twin.run(given)
    write_golden(folder / "golden.npz", given, made)
    checked_by = oracle_name()
    if checked_by is None:
        note("note: tflite-micro has no wheel for this platform; golden vectors are unchecked")
        return None
    try:
        expected = run_oracle_apart(source.tflite, given, len(outputs))
    except OracleRefusedError as refusal:
        note(f"note: TFLM's interpreter does not run this model ({refusal}); it is unchecked")
        return None
    same = [np.array_equal(a, b) for a, b in zip(made, expected, strict=True)]
    if not all(same):
        raise EdgekitError(
            f"the compiled C and {checked_by} differ",
            where=source.path,
            remedy="This is a fault of edgekit: please report it with the model.",
        )
    return checked_by


def _layers(program: Program) -> list[LayerInfo]:
    return [
        LayerInfo(
            name=layer.op.name,
            op=layer.op.kind.upper(),
            kernel=str(layer.kernel),
            symbol=symbol,
            macs=layer.macs,
            output_shape=program.graph.tensors[layer.output].shape,
        )
        for layer, symbol in zip(program.layers, program.symbols, strict=True)
    ]


def _buffers(program: Program) -> list[BufferInfo]:
    """The memory plan, in terms of the manifest's layers: the plan counts reshapes too."""
    names, positions = program.graph.tensors, program.positions
    return [
        BufferInfo(
            tensor=names[buffer.tensors[0]].name if buffer.tensors else "scratch",
            offset=buffer.offset,
            size=buffer.size,
            first=min(bisect_left(positions, buffer.first), len(positions) - 1),
            last=max(bisect_right(positions, buffer.last) - 1, 0),
        )
        for buffer in program.plan.buffers
    ]


def _dut(request: Request, source: Source, name: str) -> DutInfo:
    """The benchmark that `--suite` names, or the one whose reference model this is."""
    found = load_suite(request.suite) if request.suite else suite_for_model(source.sha256)
    if found is None:
        return DutInfo(model=name)
    return DutInfo(model=found.name, input=found.dut.input, result=found.dut.result)
