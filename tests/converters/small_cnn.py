"""A small CNN with the layers that keyword spotters are made of, for tests of the PyTorch road."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edgekit.converters.source import Source, load_source

FACTORY = f"{__name__}:small_cnn"
SHAPE = (1, 1, 49, 10)


def separable(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU6(),
    )


class SmallCnn(nn.Module):
    """Depthwise separable, with batch normalization and adaptive average pooling."""

    def __init__(self) -> None:
        super().__init__()
        first = nn.Conv2d(1, 16, (10, 4), stride=2, padding=(4, 1), bias=False)
        self.features = nn.Sequential(
            first, nn.BatchNorm2d(16), nn.ReLU(), separable(16), nn.MaxPool2d(2), separable(16)
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classes = nn.Linear(16, 12)

    def forward(self, sound: torch.Tensor) -> torch.Tensor:
        found = torch.flatten(self.pool(self.features(sound)), 1)
        return torch.softmax(self.classes(found), dim=-1)


def small_cnn() -> tuple[nn.Module, tuple[torch.Tensor, ...]]:
    """The module with seeded weights and running statistics, and an example batch of two."""
    torch.manual_seed(0)
    module = SmallCnn()
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean)  # type: ignore[arg-type]
            nn.init.uniform_(layer.running_var, 0.5, 2.0)  # type: ignore[arg-type]
    return module, (torch.randn(2, *SHAPE[1:]),)


def samples(count: int, seed: int = 0) -> NDArray[np.float32]:
    """(count, 1, 49, 10), NCHW."""
    values = np.random.default_rng(seed).normal(size=(count, *SHAPE[1:]))
    return values.astype(np.float32)


@cache
def converted() -> Source:
    """The factory's model through the whole road, once a test process."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        arrays: dict[str, Any] = {"sound": samples(100)}
        np.savez(data, **arrays)
        return load_source(FACTORY, data, Path(folder))
