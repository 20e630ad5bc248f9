/* Between the host's numbers and the model's. */
#ifndef EK_QUANTIZE_H
#define EK_QUANTIZE_H

#include <stdint.h>

#include "app.h"

/* q = round(x / scale) + zero_point, saturated. TFLite rounds half away from zero; NaN gives
 * the zero point. A float tensor is copied. */
void ek_quantize(const ek_tensor_t *tensor, const float *from, void *to);

/* Element `index` of a tensor's data, as a real number. */
float ek_dequantize(const ek_tensor_t *tensor, const void *data, uint32_t index);

/* Unsigned bytes to signed ones: to[i] = from[i] - 128. */
void ek_subtract_128(const uint8_t *from, void *to, uint32_t count);

#endif
