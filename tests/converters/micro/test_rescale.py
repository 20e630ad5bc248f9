"""The short rescalings of `ek_rescale_dsp.h` against TFLite's two roundings, sum by sum."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from edgekit.converters.micro.kernels import KERNELS_DIR
from tests.converters.micro.sanitized import FLAGS

# Every sum up to 20,000, then those about each place where an int8 result changes: with the
# multiplier's own scale 2^(n + 31) / m a step, ties lie half way.
PROGRAM = """
#include "ek_rescale_dsp.h"
#include <stdio.h>
static int differs(int32_t x, int32_t m, int32_t n, int32_t zero, int32_t low) {
    const ek_layer_rescale l = {zero, low, 127}, least = {-128, -128, 127};
    const ek_channel_rescale any = ek_rescale_of(l, m, -32 - (13 - n));
    const ek_channel_rescale positive = ek_rescale_of(least, m, 13 - n);
    const int32_t y = ek_requantize(x, m, -n);
    return ek_rescale_full(l, any, x) != ek_clamp_s8(ek_wrap_add(y, zero), low, 127) ||
           ek_rescale_short(positive, x) != ek_clamp_s8(ek_wrap_add(y, -128), -128, 127);
}
int main(void) {
    static const int32_t ms[] = {1 << 30, (1 << 30) + 1, 3 << 29, 1518500250, 1234567890,
                                 INT32_MAX - 1, INT32_MAX};
    static const int32_t zeros[] = {-128, -77, 0, 5, 127};
    for (int32_t n = -6; n <= 11; n++) {
        const int64_t limit = ((int64_t)1 << (18 + n)) - 1; /* x << (13 - n) fits 32 bits */
        for (int k = 0; k < 35; k++) {
            const int32_t m = ms[k % 7], zero = zeros[k / 7];
            const int32_t low = n & 1 ? zero : -128;
            for (int64_t x = -20000; x <= 20000; x++) {
                if (x >= -limit && x <= limit && differs((int32_t)x, m, n, zero, low)) return 1;
            }
            for (int32_t half = -520; half <= 520; half++) {
                const double at = half * 0.5 * 2147483648.0 * (n < 0 ? 1 : 1 << n) / m;
                for (int64_t x = (int64_t)at - 3; x <= (int64_t)at + 3; x++) {
                    if (x >= -limit && x <= limit && differs((int32_t)x, m, n, zero, low)) return 2;
                }
            }
            if (differs((int32_t)limit, m, n, zero, low)) return 3;
            if (differs((int32_t)-limit, m, n, zero, low)) return 4;
        }
    }
    return 0;
}
"""


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built with sanitizers."""
    home = tmp_path_factory.mktemp("rescale")
    (home / "main.c").write_text(PROGRAM)
    built = home / "run"
    command = ["cc", *FLAGS, f"-I{KERNELS_DIR}", str(home / "main.c"), "-o", str(built)]
    subprocess.run(command, check=True)
    return built


def test_short_rescalings_round_as_tflite_does(binary: Path) -> None:
    done = subprocess.run([str(binary)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[:500]
