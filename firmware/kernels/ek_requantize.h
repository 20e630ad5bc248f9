/* Fixed-point rescaling, as the TFLite 8-bit quantization specification defines it.
 * Sums wrap at 32 bits where the reference's do. */
#ifndef EK_REQUANTIZE_H
#define EK_REQUANTIZE_H

#include <stdint.h>

/* a + b modulo 2^32. */
static inline int32_t ek_wrap_add(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* round(a * b / 2^31), halves up; not for a = b = INT32_MIN. */
static inline int32_t ek_high_mul(int32_t a, int32_t b) {
    return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31);
}

/* round(x / 2^n), halves away from zero; 0 <= n <= 31. */
static inline int32_t ek_shift_round(int32_t x, int n) {
    const int32_t mask = (int32_t)(((uint32_t)1 << n) - 1);
    const int32_t half = (mask >> 1) + (x < 0);
    return (x >> n) + ((x & mask) > half);
}

/* x * multiplier * 2^(shift - 31), rounded twice: after the product and after the shift. */
static inline int32_t ek_requantize(int32_t x, int32_t multiplier, int32_t shift) {
    if (shift > 0) {
        return ek_high_mul((int32_t)((uint32_t)x << shift), multiplier);
    }
    return ek_shift_round(ek_high_mul(x, multiplier), (int)-shift);
}

static inline int8_t ek_clamp_s8(int32_t x, int32_t low, int32_t high) {
    return (int8_t)(x < low ? low : x > high ? high : x);
}

#endif
