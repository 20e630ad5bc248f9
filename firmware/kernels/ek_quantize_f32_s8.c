#include "ek_quantize_f32_s8.h"

#include "ek_requantize.h"

/* Values beyond this are out of range whatever the zero point. */
#define LIMIT 1024.0f

/* The nearest whole number, halves away from zero; not a number becomes 0. */
static int32_t round_away(float x) {
    if (!(x > -LIMIT && x < LIMIT)) {
        return x > 0.0f ? (int32_t)LIMIT : x < 0.0f ? -(int32_t)LIMIT : 0;
    }
    const int32_t whole = (int32_t)x;
    const float rest = x - (float)whole; /* exact */
    return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

void ek_quantize_f32_s8(const ek_quantize_f32_s8_params *p, const float *in, int8_t *out) {
    for (int32_t i = 0; i < p->count; i++) {
        out[i] = ek_clamp_s8(round_away(in[i] / p->scale) + p->zero, INT8_MIN, INT8_MAX);
    }
}
