#include "ek_clip_s8.h"

#include "ek_requantize.h"

void ek_clip_s8(const ek_clip_s8_params *p, const int8_t *in, int8_t *out) {
    for (int32_t i = 0; i < p->count; i++) {
        out[i] = ek_clamp_s8(in[i], p->low, p->high);
    }
}
