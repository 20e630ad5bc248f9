"""PyTorch factories and .pt2 programs, through litert-torch and ai-edge-quantizer."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.converters import torch_export
from edgekit.converters.isolate import isolate
from edgekit.converters.kind import model_kind
from edgekit.converters.micro.reader import read_graph
from edgekit.converters.pt2_archive import clean_archive
from edgekit.converters.source import load_source, sha256
from edgekit.errors import EdgekitError
from tests.converters import small_cnn
from tests.converters.small_cnn import FACTORY, SHAPE, converted, samples

EXPECTED_OPS = {
    "pad",
    "conv_2d",
    "depthwise_conv_2d",
    "max_pool_2d",
    "mean",
    "fully_connected",
    "softmax",
}


def run(tflite: bytes, nchw: Any) -> Any:
    """LiteRT's reference kernels on NCHW samples; int8 ends are (de)quantized."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_content=tflite, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    outputs = []
    for sample in np.moveaxis(nchw, 1, -1):
        value = sample[None]
        if source["dtype"] == np.int8:
            scale, zero = source["quantization"]
            value = np.clip(np.round(value / scale) + zero, -128, 127).astype(np.int8)
        interpreter.set_tensor(source["index"], value)
        interpreter.invoke()
        output = interpreter.get_tensor(target["index"])[0].astype(np.float32)
        scale, zero = target["quantization"]
        outputs.append((output - zero) * scale if scale else output)
    return np.stack(outputs)


@pytest.mark.slow
def test_a_factory_becomes_an_int8_model_in_nhwc(capfd: pytest.CaptureFixture[str]) -> None:
    source = converted()
    out, err = capfd.readouterr()
    assert out == "" and all(line.startswith("✓ ") for line in err.splitlines())
    assert source.name == "small_cnn" and source.float_tflite is not None
    assert source.sha256 == sha256(source.float_tflite)
    assert source.quantization == "int8, ai-edge-quantizer 0.10.0, 100 calibration samples"
    assert sorted(source.tools) == ["ai-edge-quantizer", "litert-torch", "torch"]
    graph = read_graph(source.tflite, "model")
    assert {op.kind for op in graph.ops} == EXPECTED_OPS, "no TRANSPOSE, no float at the ends"
    assert model_kind(graph, "model") == "int8"
    ends = [graph.tensors[i] for i in (*graph.inputs, *graph.outputs)]
    assert [(t.shape, t.dtype) for t in ends] == [((1, 49, 10, 1), "int8"), ((1, 12), "int8")]


@pytest.mark.slow
def test_the_float_and_int8_models_follow_the_module() -> None:
    source = converted()
    module = small_cnn.small_cnn()[0].eval()
    fresh = samples(50, seed=1)
    with torch.no_grad():
        wanted = module(torch.from_numpy(fresh)).numpy()
    assert source.float_tflite is not None
    np.testing.assert_allclose(run(source.float_tflite, fresh), wanted, atol=1e-5)
    given = run(source.tflite, fresh)
    assert np.abs(given - wanted).max() < 0.05
    assert (given.argmax(1) == wanted.argmax(1)).mean() > 0.9


@pytest.mark.slow
def test_a_factory_without_data_is_told_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(EdgekitError, match=r"'sound' of shape \(samples, 1, 49, 10\)"):
        load_source(FACTORY, None, tmp_path)


class Residual(nn.Module):
    """Two branches, a padded max pool, a mean over the plane."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)
        )
        self.branch = nn.Conv2d(8, 8, 2, padding="same")

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        image = self.stem(image)
        return torch.relu(image + self.branch(image)).mean((2, 3))


def usual_networks() -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    """Networks that PyTorch's layout makes litert-torch put TRANSPOSE or PADV2 into."""
    flat = nn.Sequential(
        nn.Conv2d(1, 4, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 10)
    )
    maps = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.ReLU6(), nn.AvgPool2d(2))
    dense = nn.Sequential(nn.Linear(16, 8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, 2))
    return {
        "flat": (flat, (1, 1, 12, 12)),
        "maps": (maps, (1, 3, 16, 16)),
        "dense": (dense, (1, 16)),
        "residual": (Residual(), (1, 3, 12, 12)),
    }


def lower_usual_networks(folder: str) -> dict[str, Any]:
    """The ops that each becomes; `lower` has compared its outputs with the module's."""
    torch.manual_seed(0)
    ops = {}
    for name, (module, shape) in usual_networks().items():
        target = Path(folder) / name
        torch_export.lower(module.eval(), (torch.randn(shape),), str(target))
        ops[name] = [op.kind for op in read_graph(target.read_bytes(), name).ops]
    return ops


@pytest.mark.slow
def test_usual_networks_need_no_transpose(tmp_path: Path) -> None:
    ops = isolate(f"{__name__}:lower_usual_networks", tmp_path, "nets", {"folder": str(tmp_path)})
    assert ops == {
        "flat": ["depthwise_conv_2d", "max_pool_2d", "reshape", "fully_connected"],
        "maps": ["pad", "conv_2d", "average_pool_2d"],
        "dense": ["fully_connected", "fully_connected"],
        "residual": ["conv_2d", "pad", "max_pool_2d", "conv_2d", "add", "mean"],
    }


def export(module: torch.nn.Module, *inputs: torch.Tensor, **options: Any) -> bytes:
    """A .pt2 file's bytes."""
    target = io.BytesIO()
    torch.export.save(torch.export.export(module, inputs, **options), target)
    return target.getvalue()


@pytest.fixture(scope="module")
def program() -> bytes:
    return export(small_cnn.small_cnn()[0].eval(), torch.zeros(SHAPE))


@pytest.mark.slow
def test_a_pt2_program_gives_the_same_outputs_as_the_factory(
    tmp_path: Path, program: bytes
) -> None:
    path, data = tmp_path / "9-net.pt2", tmp_path / "d.npz"
    path.write_bytes(program)
    np.savez(data, sound=samples(100))
    source = load_source(str(path), data, tmp_path)
    assert source.name == "model_9_net" and source.sha256 == sha256(program)
    fresh = samples(20, seed=2)
    np.testing.assert_array_equal(run(source.tflite, fresh), run(converted().tflite, fresh))


def members(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def rebuilt(raw: bytes, **changes: Any) -> bytes:
    """The archive with files replaced: a key is the end of the file's name, `/` for `__`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members(raw).items():
            ends = [v for k, v in changes.items() if name.endswith(k.replace("__", "/") + ".json")]
            archive.writestr(name, ends[0](data) if ends else data)
    return target.getvalue()


def edited(change: Any) -> Any:
    def edit(raw: bytes) -> bytes:
        value = json.loads(raw)
        change(value)
        return json.dumps(value).encode()

    return edit


def test_a_clean_archive_holds_no_pickle(program: bytes) -> None:
    clean = members(clean_archive(program, "net.pt2"))
    pickles = [n for n, raw in clean.items() if raw[:2] in (b"PK", b"\x80\x02", b"\x80\x04")]
    assert pickles == [] and any(n.endswith("weights/weight_0") for n in clean)
    assert any(raw[:2] == b"PK" for raw in members(program).values()), "the original holds one"


def nodes(program: Any) -> Any:
    return program["graph_module"]["graph"]["nodes"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": edited(lambda p: nodes(p)[0].update(target="torch.os.system"))}, "os.system"),
        ({"model": edited(lambda p: nodes(p)[0].update(target="#custom"))}, "not an aten"),
        ({"model": edited(lambda p: p.update(range_constraints={"s0": {}}))}, "dynamic"),
        ({"model": edited(lambda p: p.update(extra={"as_expr": {"expr_str": "1"}}))}, "dynamic"),
        ({"model": lambda raw: raw[:-1]}, "missing or damaged"),
        ({"model": lambda raw: b"[]"}, "damaged"),
        ({"model_weights_config": lambda raw: b"{}"}, "damaged"),
        (
            {"model_weights_config": lambda raw: raw.replace(b'pickle": false', b'pickle": true')},
            "stored as a pickle",
        ),
        (
            {"model_weights_config": lambda raw: raw.replace(b"weight_0", b"../weight_0")},
            "stored as a pickle",
        ),
    ],
)
def test_a_program_that_could_run_code_is_refused(
    program: bytes, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(EdgekitError, match=said):
        clean_archive(rebuilt(program, **changes), "net.pt2")


def test_guards_are_dropped(program: bytes) -> None:
    spiked = rebuilt(program, model=edited(lambda p: p.update(guards_code=["exit()"])))
    model = members(clean_archive(spiked, "net.pt2"))
    (found,) = [json.loads(raw) for name, raw in model.items() if name.endswith("model.json")]
    assert found["guards_code"] == []


def test_a_program_in_training_mode_is_refused() -> None:
    raw = export(small_cnn.small_cnn()[0].train(), torch.zeros(SHAPE))
    with pytest.raises(EdgekitError, match=r"batch_norm is in training mode.*module\.eval\(\)"):
        clean_archive(raw, "net.pt2")


def test_dynamic_shapes_are_refused() -> None:
    batch = {"sound": {0: torch.export.Dim("batch", min=1, max=8)}}
    raw = export(small_cnn.small_cnn()[0].eval(), torch.zeros(4, 1, 49, 10), dynamic_shapes=batch)
    with pytest.raises(EdgekitError, match="dynamic"):
        clean_archive(raw, "net.pt2")


def test_what_is_no_program_is_refused(program: bytes) -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a/x.txt", "1")
        archive.writestr("b/y.txt", "2")
    cases = [b"", b"random" * 99, program[: len(program) // 2], pickle.dumps(1), other.getvalue()]
    for raw in cases:
        with pytest.raises(EdgekitError, match=r"net\.pt2: not a PyTorch program"):
            clean_archive(raw, "net.pt2")


def test_a_damaged_program_never_crashes(program: bytes) -> None:
    generator = np.random.default_rng(0)
    for _ in range(100):
        raw = bytearray(program)
        for place in generator.integers(0, len(raw), 4):
            raw[place] = generator.integers(0, 256)
        try:
            clean_archive(bytes(raw), "net.pt2")
        except EdgekitError as error:
            assert "\n" not in str(error)
