#include "ek_mean_s8_dsp.h"

#include "ek_requantize.h"
#include "ek_sum_dsp.h"

void ek_mean_s8_dsp(const ek_mean_s8_dsp_params *p, const int8_t *in, int8_t *out) {
    const int32_t zero = -p->in_zero * p->reduced;
    for (int32_t i = 0; i < p->outer; i++, in += p->reduced * p->inner) {
        for (int32_t c = 0; c < p->inner; c += 4) {
            int32_t sums[4] = {zero, zero, zero, zero};
            ek_add_pixels(in + c, p->inner, p->reduced, sums);
            for (int32_t k = 0; k < 4; k++) {
                const int32_t mean = ek_requantize(sums[k], p->multiplier, p->shift);
                *out++ = ek_clamp_s8(ek_wrap_add(mean, p->out_zero), INT8_MIN, INT8_MAX);
            }
        }
    }
}
