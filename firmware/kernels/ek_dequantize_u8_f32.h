/* uint8 to float32. */
#ifndef EK_DEQUANTIZE_U8_F32_H
#define EK_DEQUANTIZE_U8_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero;   /* zero point */
} ek_dequantize_u8_f32_params;

/* in, out: [count]. */
void ek_dequantize_u8_f32(const ek_dequantize_u8_f32_params *p, const uint8_t *in, float *out);

#endif
