/* 32-bit sums to int8 on the DSP extension, the short ways where they are exact.
 *
 * With TFLite's multiplier m and right shift n a sum x becomes
 *
 *     y1 = floor((x * m + 2^30) / 2^31)                    halves up
 *     y  = floor((y1 + 2^(n-1) - (y1 < 0)) / 2^n)          halves away from zero; y1 where n < 1
 *
 * and, since a floor of a floor is one floor, with s = 13 - n
 *
 *     y  = floor((x * 2^s * m / 2^32 + 2^(s-2) + 2^11 - (y1 < 0) * 2^(s-1)) / 2^12)  where n > 0
 *     y  = floor((x * 2^s * m / 2^32 + 2^11) / 2^12)                                 where n < 1
 *
 * which is one SMMLA and one shift: all that is added is whole where s > 1. Because m is at least
 * 2^30, y1 < 0 is x < 0, but for x = -1, m = 2^30, where y is 0 either way. */
#ifndef EK_RESCALE_DSP_H
#define EK_RESCALE_DSP_H

#include <stdint.h>

#include "ek_dsp.h"
#include "ek_requantize.h"

#define EK_SHORT_SHIFT 12

/* A layer's output. */
typedef struct {
    int32_t zero, low, high;
} ek_layer_rescale;

/* A channel's. `shift` > 0 asks for the short way and is s; below -32 for the signed way and is
 * -32 - s; else it is TFLite's own shift, which must not be above 0. */
typedef struct {
    int32_t multiplier, shift, rounding;
} ek_channel_rescale;

static inline ek_channel_rescale ek_rescale_of(ek_layer_rescale l, int32_t multiplier,
                                               int32_t shift) {
    ek_channel_rescale r = {multiplier, shift, 0};
    if (shift > 0 || shift < -32) {
        const int32_t left = shift > 0 ? shift : -32 - shift;
        r.rounding = (1 << (EK_SHORT_SHIFT - 1)) + l.zero * (1 << EK_SHORT_SHIFT) +
                     (left <= EK_SHORT_SHIFT ? 1 << (left - 2) : 0);
    }
    return r;
}

/* Without the term for negative sums: exact where the zero point is the activation's least value,
 * so that no negative result is ever seen. */
static inline int8_t ek_rescale_short(ek_channel_rescale r, int32_t x) {
    const int32_t scaled = (int32_t)((uint32_t)x << r.shift);
    return (int8_t)ek_ssat8_shifted(ek_smmla(scaled, r.multiplier, r.rounding));
}

/* What the signed way adds to the rounding of a negative sum. */
static inline int32_t ek_rescale_sign(ek_channel_rescale r) {
    const int32_t left = -32 - r.shift;
    return left <= EK_SHORT_SHIFT ? -(1 << (left - 1)) : 0;
}

/* What the signed way adds for negative sums. */
static inline int32_t ek_sign_of(int32_t left) {
    return left >= 2 && left <= EK_SHORT_SHIFT ? -(1 << (left - 1)) : 0;
}

/* The signed way, without an activation. */
static inline int8_t ek_rescale_wide(ek_channel_rescale r, int32_t x) {
    const int32_t scaled = (int32_t)((uint32_t)x << (-32 - r.shift));
    const int32_t rounding = r.rounding + ((x >> 31) & ek_rescale_sign(r));
    return (int8_t)ek_ssat8_shifted(ek_smmla(scaled, r.multiplier, rounding));
}

static inline int8_t ek_rescale_full(ek_layer_rescale l, ek_channel_rescale r, int32_t x) {
    if (r.shift < -32) {
        return ek_clamp_s8(ek_rescale_wide(r, x), l.low, l.high);
    }
    x = ek_requantize(x, r.multiplier, r.shift);
    return ek_clamp_s8(ek_wrap_add(x, l.zero), l.low, l.high);
}

static inline int8_t ek_rescale(ek_layer_rescale l, ek_channel_rescale r, int32_t x) {
    return r.shift > 0 ? ek_rescale_short(r, x) : ek_rescale_full(l, r, x);
}

#endif
