/* The part of a sliding window that lies inside the input, along one axis. */
#ifndef EK_WINDOW_H
#define EK_WINDOW_H

#include <stdint.h>

/* The first tap k with start + k * dilation >= 0. */
static inline int32_t ek_first_tap(int32_t start, int32_t dilation) {
    return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}

/* One past the last tap k < taps with start + k * dilation < length. */
static inline int32_t ek_end_tap(int32_t start, int32_t dilation, int32_t taps, int32_t length) {
    const int32_t inside = start >= length ? 0 : (length - start + dilation - 1) / dilation;
    return inside < taps ? inside : taps;
}

#endif
