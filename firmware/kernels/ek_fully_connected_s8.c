#include "ek_fully_connected_s8.h"

#include "ek_dot.h"
#include "ek_requantize.h"

void ek_fully_connected_s8(const ek_fully_connected_s8_params *p, const int8_t *in, int8_t *out) {
    for (int32_t row = 0; row < p->rows; row++, in += p->depth) {
        const int8_t *w = p->weights;
        for (int32_t o = 0; o < p->channels; o++, w += p->depth) {
            const int32_t q = p->per_channel ? o : 0;
            int32_t sum = ek_wrap_add(ek_dot_s8(in, p->in_zero, w, p->depth), p->bias[o]);
            sum = ek_requantize(sum, p->multipliers[q], p->shifts[q]);
            *out++ = ek_clamp_s8(ek_wrap_add(sum, p->out_zero), p->low, p->high);
        }
    }
}
