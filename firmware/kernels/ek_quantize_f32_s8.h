/* float32 to int8. */
#ifndef EK_QUANTIZE_F32_S8_H
#define EK_QUANTIZE_F32_S8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero;   /* zero point */
} ek_quantize_f32_s8_params;

/* in, out: [count]; out may be in's memory. */
void ek_quantize_f32_s8(const ek_quantize_f32_s8_params *p, const float *in, int8_t *out);

#endif
