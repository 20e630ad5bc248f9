#include "ek_dequantize_s8_f32.h"

void ek_dequantize_s8_f32(const ek_dequantize_s8_f32_params *p, const int8_t *in, float *out) {
    for (int32_t i = 0; i < p->count; i++) {
        out[i] = p->scale * (float)(in[i] - p->zero);
    }
}
