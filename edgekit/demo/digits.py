"""scikit-learn's handwritten digits: 1,797 real 8×8 images, shipped in that package.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI (1998).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TEST_SHARE = 0.2


@dataclass(frozen=True)
class Digits:
    """Images (samples, 1, 8, 8) of float32 from 0 to 1 with their classes, split 80 to 20."""

    train_images: NDArray[np.float32]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.float32]
    test_labels: NDArray[np.int64]


def load_digits(seed: int = 0) -> Digits:
    """The digits, shuffled by `seed` and split so that every class has its share in both parts."""
    from sklearn.datasets import load_digits as load
    from sklearn.model_selection import train_test_split

    pixels, labels = load(return_X_y=True)
    images = (pixels.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
    parts = train_test_split(
        images, labels.astype(np.int64), test_size=TEST_SHARE, random_state=seed, stratify=labels
    )
    return Digits(parts[0], parts[2], parts[1], parts[3])
