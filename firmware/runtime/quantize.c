#include "quantize.h"

#include <string.h>

static int32_t round_half_away(float value) {
    /* Far out of range of any 8-bit type, and NaN, which compares false, becomes 0. */
    if (value > 1024.0f) return 1024;
    if (value < -1024.0f) return -1024;
    if (!(value == value)) return 0;
    int32_t whole = (int32_t)value;
    float rest = value - (float)whole; /* exact */
    return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

void ek_quantize(const ek_tensor_t *tensor, const float *from, void *to) {
    if (tensor->dtype == EK_FLOAT32) {
        memcpy(to, from, 4u * tensor->count);
        return;
    }
    int32_t low = tensor->dtype == EK_INT8 ? -128 : 0;
    uint8_t *bytes = to;
    for (uint32_t i = 0; i < tensor->count; i++) {
        int32_t q = round_half_away(from[i] / tensor->scale) + tensor->zero_point;
        if (q < low) q = low;
        if (q > low + 255) q = low + 255;
        bytes[i] = (uint8_t)q;
    }
}

float ek_dequantize(const ek_tensor_t *tensor, const void *data, uint32_t index) {
    int32_t q;
    switch (tensor->dtype) {
        case EK_FLOAT32: return ((const float *)data)[index];
        case EK_UINT8: q = ((const uint8_t *)data)[index]; break;
        default: q = ((const int8_t *)data)[index]; break;
    }
    return tensor->scale * (float)(q - tensor->zero_point);
}

void ek_subtract_128(const uint8_t *from, void *to, uint32_t count) {
    uint8_t *bytes = to;
    for (uint32_t i = 0; i < count; i++) bytes[i] = from[i] ^ 0x80u;
}
