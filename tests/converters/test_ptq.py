"""Post-training quantization of MLPerf Tiny's float reference models on real samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgekit.converters.kind import model_kind
from edgekit.converters.micro.reader import read_graph
from edgekit.converters.ptq import quantize
from edgekit.converters.source import load_source
from edgekit.errors import EdgekitError
from tests.tools import shared

SCALE, ZERO_POINT = 0.5847029, 83  # of the features in shared/mlperf-tiny/kws01


def keyword_samples() -> tuple[Any, Any]:
    """(float features (699, 49, 10, 1), classes (699,))."""
    files = sorted(shared("mlperf-tiny/kws01").glob("*.bin"))
    raw = np.stack([np.frombuffer(f.read_bytes(), np.int8) for f in files])
    features = (raw.reshape(-1, 49, 10, 1).astype(np.float32) - ZERO_POINT) * SCALE
    return features.astype(np.float32), np.array([int(f.stem.rpartition("_")[2]) for f in files])


def classes(tflite: bytes, features: Any) -> Any:
    """The class that LiteRT's reference kernels find for each sample of an int8 model."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_content=tflite, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    scale, zero = source["quantization"]
    found = []
    for value in features:
        quantized = np.clip(np.round(value[None] / scale) + zero, -128, 127).astype(np.int8)
        interpreter.set_tensor(source["index"], quantized)
        interpreter.invoke()
        found.append(interpreter.get_tensor(target["index"])[0].argmax())
    return np.array(found)


def test_the_keyword_spotter_keeps_its_accuracy(tmp_path: Path) -> None:
    features, labels = keyword_samples()
    data = tmp_path / "d.npz"
    np.savez(data, input_1=features[::7])
    model = shared("mlperf-tiny/models/kws_ref_model_float32.tflite")
    source = load_source(str(model), data, tmp_path)
    assert source.quantization == "int8, ai-edge-quantizer 0.10.0, 100 calibration samples"
    graph = read_graph(source.tflite, "model")
    assert model_kind(graph, "model") == "int8"
    kinds = ["conv_2d", *["depthwise_conv_2d", "conv_2d"] * 4, "average_pool_2d", "reshape"]
    assert [op.kind for op in graph.ops] == [*kinds, "fully_connected", "softmax"]
    found = classes(source.tflite, features)
    # The float model reaches 0.901 on these samples, MLPerf Tiny's own int8 model 0.898.
    assert (found == labels).mean() > 0.89


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("vww_96_float", (96, 96, 3)),
        ("pretrainedResnet", (32, 32, 3)),
        ("ad01_fp32", (640,)),
    ],
)
def test_the_other_reference_models_become_int8(
    tmp_path: Path, name: str, shape: tuple[int, ...]
) -> None:
    raw = shared(f"mlperf-tiny/models/{name}.tflite").read_bytes()
    values = np.random.default_rng(0).uniform(0, 255, (3, *shape)).astype(np.float32)
    tflite = quantize(raw, (values,), tmp_path, name)
    graph, before = read_graph(tflite, name), read_graph(raw, name)
    assert [op.kind for op in graph.ops] == [op.kind for op in before.ops]
    assert {graph.tensors[i].dtype for i in (*graph.inputs, *graph.outputs)} == {"int8"}
    assert tflite == quantize(raw, (values,), tmp_path, name), "same input, same bytes"


def test_a_damaged_float_model_never_crashes(tmp_path: Path) -> None:
    raw = shared("mlperf-tiny/models/ad01_fp32.tflite").read_bytes()
    values = np.ones((1, 640), np.float32)
    generator = np.random.default_rng(0)
    for _ in range(8):
        damaged = bytearray(raw)
        # The structure is at the end of the file, the weights before it.
        for place in generator.integers(len(raw) - 6000, len(raw), 3):
            damaged[place] ^= 1 << generator.integers(0, 8)
        try:
            quantize(bytes(damaged), (values,), tmp_path, "net")
        except EdgekitError as error:
            assert "\n" not in str(error)
