/* Elementwise sum of two int8 tensors of different scales, with broadcasting. */
#ifndef EK_ADD_S8_H
#define EK_ADD_S8_H

#include <stdint.h>

typedef struct {
    int32_t dim0, dim1, dim2, dim3;                          /* the output's shape */
    int32_t a_stride0, a_stride1, a_stride2, a_stride3;      /* in elements; 0 repeats */
    int32_t b_stride0, b_stride1, b_stride2, b_stride3;
    int32_t a_zero, b_zero, out_zero;                        /* zero points */
    int32_t a_multiplier, a_shift, b_multiplier, b_shift, out_multiplier, out_shift;
    int32_t low, high;                                       /* the fused activation's range */
} ek_add_s8_params;

/* out may be a or b where that one is not repeated. */
void ek_add_s8(const ek_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif
