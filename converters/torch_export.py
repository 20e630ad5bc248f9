"""PyTorch to a float `.tflite` with channels-last (NHWC) inputs, by litert-torch.

Four-dimensional inputs and outputs are NCHW in the user's module and NHWC in the `.tflite`: no
TRANSPOSE is left in it. Three-dimensional ones stay as they are.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edgekit.converters import ptq
from edgekit.converters.calibration import InputSpec, Samples, data_needed, load_calibration
from edgekit.converters.extras import require, tool_version
from edgekit.converters.isolate import isolate
from edgekit.converters.micro.reader import read_graph
from edgekit.converters.source import Source
from edgekit.errors import EdgekitError
from edgekit.progress import step

if TYPE_CHECKING:
    import torch

PACKAGES = ("torch", "litert-torch", "ai-edge-quantizer")
TOLERANCE = 1e-3  # of the largest output: float kernels of two frameworks, far below an int8 step


@dataclass(frozen=True)
class Exported:
    """A float `.tflite` and the inputs as the user's module has them."""

    tflite: bytes
    specs: tuple[InputSpec, ...]


def export(task: str, arguments: dict[str, Any], workdir: Path, where: str) -> Exported:
    """What `task`, a function that ends in `lower`, exports in a process of its own."""
    modules = ("torch", "litert_torch", "ai_edge_quantizer")
    require(modules, where, "a PyTorch model", "torch")
    target = workdir / "exported.tflite"
    with step("export from PyTorch by litert-torch"):
        answer = isolate(task, workdir, where, arguments | {"target": str(target)})
    specs = tuple(InputSpec(i["name"], tuple(i["shape"])) for i in answer["inputs"])
    return Exported(target.read_bytes(), specs)


def to_int8(
    exported: Exported, data: Path | None, workdir: Path, name: str, path: str, sha256: str
) -> Source:
    """The exported model quantized on `data`, which is in the module's own layout (NCHW)."""
    if data is None:
        raise data_needed(path, exported.specs)
    samples = load_calibration(data, exported.specs)
    read_graph(exported.tflite, path)  # an op that is not supported is refused before the work
    count = len(samples[0])
    with step(f"quantize to int8 on {count} samples"):
        tflite = ptq.quantize(exported.tflite, channels_last(samples), workdir, path)
    quantization = f"int8, {ptq.quantizer_name()}, {count} calibration samples"
    tools = {package: tool_version(package) for package in PACKAGES}
    return Source(name, path, sha256, tflite, exported.tflite, quantization, tools)


def channels_last(samples: Samples) -> Samples:
    """Four-dimensional arrays from NCHW to NHWC, the others as they are."""
    return tuple(np.ascontiguousarray(np.moveaxis(a, 1, -1)) if a.ndim == 4 else a for a in samples)


def lower(module: torch.nn.Module, examples: tuple[Any, ...], target: str) -> dict[str, Any]:
    """Writes `module` as a float `.tflite` to the file `target` and answers with its inputs.

    Runs in a process of its own. The exported model must give the module's own outputs.
    """
    import litert_torch
    import torch

    from edgekit.converters.pool_pads import pad_max_pools_with_zero
    from edgekit.converters.transposes import remove_transposes

    names = _input_names(module, len(examples))
    for name, example in zip(names, examples, strict=True):
        _check_example(name, example)
    with torch.no_grad():
        outputs = module(*examples)
    outputs = (outputs,) if isinstance(outputs, torch.Tensor) else tuple(outputs)
    images = [i for i, e in enumerate(examples) if e.ndim == 4]
    maps = [i for i, o in enumerate(outputs) if o.ndim == 4]
    wrapped = litert_torch.to_channel_last_io(module, args=images, outputs=maps)
    wrapped.training = False  # eval() would also ask an exported program, which refuses it
    nhwc = tuple(e.permute(0, 2, 3, 1).contiguous() if e.ndim == 4 else e for e in examples)
    raw = bytes(litert_torch.convert(wrapped, nhwc).model_content())
    raw = remove_transposes(pad_max_pools_with_zero(raw))
    _check_same(raw, nhwc, [o.permute(0, 2, 3, 1) if o.ndim == 4 else o for o in outputs])
    Path(target).write_bytes(raw)
    inputs = [{"name": n, "shape": list(e.shape)} for n, e in zip(names, examples, strict=True)]
    return {"inputs": inputs}


def _input_names(module: torch.nn.Module, count: int) -> list[str]:
    """The names of `forward`'s parameters, which are the names of the calibration arrays."""
    parameters = inspect.signature(module.forward).parameters.values()
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [p.name for p in parameters if p.kind in plain]
    return names[:count] if len(names) >= count else [f"input_{i}" for i in range(count)]


def _check_example(name: str, example: Any) -> None:
    import torch

    if not isinstance(example, torch.Tensor) or example.dtype != torch.float32:
        kind = example.dtype if isinstance(example, torch.Tensor) else type(example).__name__
        raise EdgekitError(
            f"input '{name}' is {kind}, not a float32 tensor",
            remedy="Give float32 example inputs and put everything else into the module.",
        )
    if example.ndim < 2 or example.shape[0] != 1:
        raise EdgekitError(
            f"input '{name}' has shape {list(example.shape)}, without a batch of 1",
            remedy="Export with example inputs of a batch of 1.",
        )


def _check_same(tflite: bytes, inputs: tuple[Any, ...], expected: list[Any]) -> None:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=tflite, num_threads=1)
    interpreter.allocate_tensors()
    for detail, value in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(detail["index"], value.detach().numpy())
    interpreter.invoke()
    for detail, value in zip(interpreter.get_output_details(), expected, strict=True):
        given, wanted = interpreter.get_tensor(detail["index"]), value.detach().numpy()
        largest = float(np.abs(wanted).max())
        if given.shape != wanted.shape or not np.allclose(
            given, wanted, rtol=TOLERANCE, atol=TOLERANCE * max(largest, 1e-6)
        ):
            raise EdgekitError(
                "litert-torch's export does not give the module's own output",
                remedy="Simplify the module, or export it to .tflite yourself.",
            )
