/* Elementwise sum of two int8 tensors of one shape for the DSP extension. */
#ifndef EK_ADD_S8_DSP_H
#define EK_ADD_S8_DSP_H

#include <stdint.h>

typedef struct {
    int32_t size;
    int32_t a_zero, b_zero, out_zero; /* zero points */
    int32_t a_multiplier, a_shift, b_multiplier, b_shift;
    int32_t out_multiplier, out_shift; /* out_shift from -22 to -1 */
    int32_t low, high;                 /* the fused activation's range */
} ek_add_s8_dsp_params;

/* scratch: 2 KiB. out may be a or b. */
void ek_add_s8_dsp(const ek_add_s8_dsp_params *p, const int8_t *a, const int8_t *b, int8_t *out,
                   void *scratch);

#endif
