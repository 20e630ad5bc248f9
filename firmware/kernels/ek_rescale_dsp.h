/* 32-bit sums to int8 on the DSP extension, the short way where it is exact. */
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

/* A channel's. `shift` > 0 asks for the short way and goes left before the multiplication; else it
 * is TFLite's own shift, which must not be above 0. */
typedef struct {
    int32_t multiplier, shift, rounding;
} ek_channel_rescale;

static inline ek_channel_rescale ek_rescale_of(ek_layer_rescale l, int32_t multiplier,
                                               int32_t shift) {
    ek_channel_rescale r = {multiplier, shift, 0};
    if (shift > 0) {
        r.rounding = (1 << (shift - 2)) + (1 << (EK_SHORT_SHIFT - 1)) +
                     l.zero * (1 << EK_SHORT_SHIFT);
    }
    return r;
}

/* ((x << s) * m / 2^32 + rounding) >> 12 is TFLite's double rounding exactly where the zero point
 * is the activation's least value, so that no negative result is ever seen. */
static inline int8_t ek_rescale_short(ek_channel_rescale r, int32_t x) {
    const int32_t scaled = (int32_t)((uint32_t)x << r.shift);
    return (int8_t)ek_ssat8_shifted(ek_smmla(scaled, r.multiplier, r.rounding));
}

static inline int8_t ek_rescale_full(ek_layer_rescale l, ek_channel_rescale r, int32_t x) {
    x = ek_requantize(x, r.multiplier, r.shift);
    return ek_clamp_s8(ek_wrap_add(x, l.zero), l.low, l.high);
}

static inline int8_t ek_rescale(ek_layer_rescale l, ek_channel_rescale r, int32_t x) {
    return r.shift > 0 ? ek_rescale_short(r, x) : ek_rescale_full(l, r, x);
}

#endif
