#include "ek_rescale_s8.h"

#include "ek_requantize.h"

void ek_rescale_s8(const ek_rescale_s8_params *p, const int8_t *in, int8_t *out) {
    for (int32_t i = 0; i < p->count; i++) {
        int32_t value = ek_requantize(in[i] - p->in_zero, p->multiplier, p->shift);
        value = ek_wrap_add(value, p->out_zero);
        out[i] = (int8_t)(value < p->low ? p->low : value > p->high ? p->high : value);
    }
}
