#include "ek_mean_s8.h"

#include "ek_requantize.h"

void ek_mean_s8(const ek_mean_s8_params *p, const int8_t *in, int8_t *out) {
    for (int32_t i = 0; i < p->outer; i++, in += p->reduced * p->inner) {
        for (int32_t c = 0; c < p->inner; c++) {
            int32_t sum = -p->in_zero * p->reduced;
            for (int32_t n = 0; n < p->reduced; n++) {
                sum += in[n * p->inner + c];
            }
            sum = ek_requantize(sum, p->multiplier, p->shift);
            *out++ = ek_clamp_s8(ek_wrap_add(sum, p->out_zero), INT8_MIN, INT8_MAX);
        }
    }
}
