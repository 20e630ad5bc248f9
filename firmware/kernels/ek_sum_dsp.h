/* Sums over pixels on the DSP extension, four channels at a time. */
#ifndef EK_SUM_DSP_H
#define EK_SUM_DSP_H

#include <stdint.h>

#include "ek_dsp.h"

#define EK_MOST_HALVES 255 /* int8 values whose sum stays in 16 bits */

/* Adds four channels of `count` pixels, `step` bytes apart, to `sums`. */
static inline void ek_add_pixels(const int8_t *in, int32_t step, int32_t count, int32_t sums[4]) {
    while (count > 0) {
        const int32_t now = count < EK_MOST_HALVES ? count : EK_MOST_HALVES;
        uint32_t even = 0, odd = 0;
        if (now & 1) {
            const uint32_t x = ek_load32(in);
            even = ek_sxtb16(x);
            odd = ek_sxtb16_odd(x);
            in += step;
        }
        for (int32_t i = now >> 1; i > 0; i--, in += 2 * step) {
            const uint32_t x = ek_load32(in), y = ek_load32(in + step);
            even = ek_sxtab16(ek_sxtab16(even, x), y);
            odd = ek_sxtab16_odd(ek_sxtab16_odd(odd, x), y);
        }
        sums[0] += (int16_t)(uint16_t)even;
        sums[1] += (int16_t)(uint16_t)odd;
        sums[2] += (int32_t)even >> 16;
        sums[3] += (int32_t)odd >> 16;
        count -= now;
    }
}

#endif
