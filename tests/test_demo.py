"""The demo: its data, its training, its quantization and the whole of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from edgekit.artifact import TensorInfo, load_bundle
from edgekit.demo.demo import demo, quantize
from edgekit.demo.digits import load_digits
from edgekit.demo.training import accuracy, train
from edgekit.errors import EdgekitError


def test_the_digits_are_real_split_and_scaled() -> None:
    digits = load_digits()
    assert digits.train_images.shape == (1437, 1, 8, 8)
    assert digits.test_images.shape == (360, 1, 8, 8)
    assert digits.train_images.min() == 0 and digits.train_images.max() == 1
    assert np.bincount(digits.test_labels).min() >= 35, "every digit has its share"
    np.testing.assert_array_equal(digits.test_images, load_digits().test_images)
    seen = {image.tobytes() for image in digits.train_images}
    assert not [image for image in digits.test_images if image.tobytes() in seen]


def test_training_is_deterministic_and_learns() -> None:
    digits = load_digits()
    first, second = train(digits, 4), train(digits, 4)
    for one, two in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        assert torch.equal(one, two)
    assert accuracy(first, digits.test_images, digits.test_labels) > 0.9


def test_pixels_are_rounded_half_up_and_clipped() -> None:
    tensor = TensorInfo(name="x", shape=(1, 1, 4, 1), dtype="int8", scale=0.25, zero_point=-128)
    pixels = np.array([0.0, 0.125, 0.124, 99.0], np.float32).reshape(1, 1, 1, 4)
    assert quantize(pixels, tensor).shape == (1, 1, 4, 1)
    assert quantize(pixels, tensor).ravel().tolist() == [-128, -127, -128, 127]


def test_a_folder_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(EdgekitError, match="it exists and is not an earlier demo"):
        demo(tmp_path)
    with pytest.raises(EdgekitError, match="it exists and is not an earlier demo"):
        demo(tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.slow
def test_the_whole_demo(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edgekit", "demo", "-o", "digits", "--json"]
    environment = os.environ | {"EDGEKIT_HOME": str(tmp_path / "home")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["samples"] == 360 and answer["board"] == "mps2-an386"
    assert answer["accuracy_float"] > 0.97
    assert answer["accuracy_device"] == answer["accuracy_host"] > answer["accuracy_float"] - 0.02
    assert answer["cycles"] > answer["instructions"] > 100_000
    assert answer["cycles_are"] == answer["latency_is"] == "estimated"
    assert answer["latency_us"] == pytest.approx(answer["cycles"] / 25, rel=0.02)
    assert answer["ram_bytes"] > answer["arena_bytes"] > 0 and answer["stack_bytes"] > 0
    assert answer["seconds"] < 180
    bundle = load_bundle(tmp_path / "digits" / "bundle")
    assert bundle.manifest.name == "digits" and bundle.manifest.golden_checked_by
    assert Path(answer["elf"]).is_file() and bundle.path in Path(answer["elf"]).parents
    lines = done.stderr.splitlines()
    assert all(line.startswith(("✓ ", "· ")) for line in lines), "no noise of the frameworks"
    assert not list((tmp_path / "home" / "devices").glob("mps2*")), "the board was put away"
    again = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert again.returncode == 0, again.stderr
    assert load_bundle(bundle.path).manifest == bundle.manifest, "same machine, same bytes"
