"""`edgekit demo`: train, quantize, compile, build, flash, and measure on a virtual board."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.artifact import Bundle, Manifest, TensorInfo, load_bundle
from edgekit.atomic import new_folder
from edgekit.converters.convert import convert
from edgekit.converters.extras import require
from edgekit.converters.micro.host import HostModel
from edgekit.demo.digits import Digits, load_digits
from edgekit.devices.counters import read_counters
from edgekit.devices.elf import read_image
from edgekit.devices.flash import flash
from edgekit.devices.links.dut import Dut
from edgekit.devices.registry import Device, stop_device
from edgekit.errors import EdgekitError
from edgekit.progress import Counter, step

NEEDED = ("torch", "litert_torch", "ai_edge_quantizer", "sklearn")
EPOCHS = 25
CALIBRATION = 200  # of the training images
BUNDLE, PROGRAM, DATA, TEST = "bundle", "digits.pt2", "calibration.npz", "test.npz"


@dataclass(frozen=True)
class DemoResult:
    """What the demo found. Accuracies over the same test images, whose outputs on the device equal
    those on the host bit for bit; `latency_us` by the board's
    clock, an estimate on an emulator as `cycles` are; sizes in bytes."""

    out: Path
    elf: Path
    board: str
    emulator: str | None
    samples: int
    accuracy_float: float
    accuracy_host: float
    accuracy_device: float
    instructions: int | None
    cycles: int | None
    latency_us: float | None
    flash_bytes: int
    ram_bytes: int
    arena_bytes: int
    stack_bytes: int
    seconds: float


@dataclass(frozen=True)
class OnDevice:
    """The device's raw outputs (samples, 10) and what it told of an inference."""

    outputs: NDArray[Any]
    instructions: int | None
    cycles: int | None
    latency_us: float | None
    stack_bytes: int


def demo(out: Path, *, board: str = "mps2-an386", emulator: str | None = None) -> DemoResult:
    """Run the whole demo into the folder `out`, which is new, empty or an earlier demo's."""
    start = time.monotonic()
    require(NEEDED, "edgekit demo", "training the digits", "demo")
    _check_out(out)
    with step("load scikit-learn's handwritten digits"):
        digits = load_digits()
    with new_folder(out) as folder:
        accuracy_float = _train(digits, folder)
        convert(
            str(folder / PROGRAM),
            target="tflite-micro",
            board=board,
            data=folder / DATA,
            out=folder / BUNDLE,
            name="digits",
        )
    bundle = load_bundle(out / BUNDLE)
    inputs = quantize(digits.test_images, bundle.manifest.inputs[0])
    host = _run_on_host(bundle, inputs)
    with step(f"flash a virtual {board} and check the golden vectors"):
        device = flash(bundle.path, board, emulator=emulator, another=True)
    try:
        result = _run_on_device(device, bundle.manifest, inputs)
    finally:
        stop_device(device.id)
    differing = int((result.outputs != host).any(axis=1).sum())
    if differing:
        raise EdgekitError(
            f"{differing} of {len(inputs)} outputs differ from the host's",
            where=device.id,
            remedy="This is a fault of edgekit: please report it.",
        )
    return _result(out, digits, accuracy_float, host, result, device, bundle, start)


def _check_out(out: Path) -> None:
    ours = (out / PROGRAM).is_file() and (out / BUNDLE).is_dir()
    if out.is_dir() and (ours or not any(out.iterdir())):
        return
    if out.exists():
        raise EdgekitError(
            "it exists and is not an earlier demo",
            where=str(out),
            remedy="Give a new folder with -o.",
        )


def _train(digits: Digits, folder: Path) -> float:
    """Trains, saves the program and its data to `folder`; the float accuracy on the test images."""
    with step("import PyTorch"):
        import torch

        from edgekit.demo.training import accuracy, train

    model = train(digits, EPOCHS)
    with step("save the program and its calibration data"):
        example = torch.zeros(1, 1, 8, 8)
        buffer = io.BytesIO()
        torch.export.save(torch.export.export(model, (example,)), buffer)
        (folder / PROGRAM).write_bytes(buffer.getvalue())
        np.savez(folder / DATA, image=digits.train_images[:CALIBRATION])
        np.savez(folder / TEST, images=digits.test_images, labels=digits.test_labels)
    return accuracy(model, digits.test_images, digits.test_labels)


def quantize(images: NDArray[np.float32], tensor: TensorInfo) -> NDArray[np.int8]:
    """(n, 1, 8, 8) images from 0 to 1 as the model's int8 input, (n, 8, 8, 1)."""
    assert tensor.scale is not None and tensor.zero_point is not None
    scaled = np.moveaxis(images, 1, -1) / np.float32(tensor.scale)
    # TFLite rounds half away from zero; pixels are never negative.
    rounded = np.floor(scaled + np.float32(0.5)) + tensor.zero_point
    return np.asarray(np.clip(rounded, -128, 127), np.int8)


def _run_on_host(bundle: Bundle, inputs: NDArray[np.int8]) -> NDArray[Any]:
    with step("run the test images through the same C on this machine"):
        with HostModel.build(bundle.path) as twin:
            (outputs,) = twin.run([inputs])
        return np.reshape(outputs, (len(inputs), -1))


def _run_on_device(device: Device, manifest: Manifest, inputs: NDArray[np.int8]) -> OnDevice:
    counter = Counter("test images through the serial port", len(inputs))
    outputs, lap_us = [], 0
    dtype = np.dtype(manifest.outputs[0].dtype)
    with Dut.open(device.port) as dut:
        for image in inputs:
            dut.load(image.tobytes())
            lap_us = dut.infer(1, 0).lap_us
            outputs.append(np.frombuffer(dut.output(0), dtype))
            counter.advance()
        counts = read_counters(device)
        return OnDevice(
            outputs=np.stack(outputs),
            instructions=counts.instructions // counts.invocations if counts else None,
            cycles=counts.cycles_estimated // counts.invocations if counts else None,
            latency_us=float(lap_us) if counts else None,  # qemu's clock is not the board's
            stack_bytes=dut.stack_bytes(),
        )


def _result(
    out: Path,
    digits: Digits,
    accuracy_float: float,
    host: NDArray[Any],
    run: OnDevice,
    device: Device,
    bundle: Bundle,
    start: float,
) -> DemoResult:
    assert device.elf is not None and device.board is not None
    image, labels = read_image(device.elf), digits.test_labels
    return DemoResult(
        out=out,
        elf=device.elf,
        board=device.board,
        emulator=device.emulator,
        samples=len(labels),
        accuracy_float=accuracy_float,
        accuracy_host=float((host.argmax(1) == labels).mean()),
        accuracy_device=float((run.outputs.argmax(1) == labels).mean()),
        instructions=run.instructions,
        cycles=run.cycles,
        latency_us=run.latency_us,
        flash_bytes=image.flash_bytes,
        ram_bytes=image.ram_bytes,
        arena_bytes=bundle.manifest.arena_bytes,
        stack_bytes=run.stack_bytes,
        seconds=round(time.monotonic() - start, 1),
    )
