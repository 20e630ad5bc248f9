"""The demo's small CNN and its training in PyTorch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edgekit.demo.digits import Digits
from edgekit.progress import Counter

BATCH = 32


class DigitsCnn(nn.Module):
    """(n, 1, 8, 8) images to (n, 10) probabilities. Depthwise separable, as small networks on
    microcontrollers are."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding=1, groups=16, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
        )
        self.classes = nn.Linear(32, 10)

    def logits(self, image: torch.Tensor) -> torch.Tensor:
        """What training minimises the cross entropy of."""
        return self.classes(torch.flatten(self.features(image), 1))  # type: ignore[no-any-return]

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """The probability of each digit."""
        return torch.softmax(self.logits(image), dim=-1)


def train(digits: Digits, epochs: int, seed: int = 0) -> DigitsCnn:
    """The network after `epochs` of Adam with a one-cycle learning rate. Same seed, same machine,
    same weights."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # too small for more, and the order of sums must not vary
    torch.use_deterministic_algorithms(True)
    model = DigitsCnn()
    images, labels = torch.from_numpy(digits.train_images), torch.from_numpy(digits.train_labels)
    steps = -(-len(images) // BATCH)
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=1e-2, epochs=epochs, steps_per_epoch=steps
    )
    counter = Counter("train a small CNN, epoch", epochs)
    for _ in range(epochs):
        total = 0.0
        for batch in torch.split(torch.randperm(len(images)), BATCH):
            loss = nn.functional.cross_entropy(model.logits(images[batch]), labels[batch])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        counter.advance(f"loss {total / len(images):.3f}")
    return model.eval()


def accuracy(model: nn.Module, images: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The share of images whose most likely class is their own."""
    with torch.no_grad():
        found = model(torch.from_numpy(images)).argmax(1).numpy()
    return float((found == labels).mean())
