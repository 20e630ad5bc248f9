/* Elementwise sum of two int8 tensors of one shape for Helium. */
#ifndef EK_ADD_S8_MVE_H
#define EK_ADD_S8_MVE_H

#include <stdint.h>

typedef struct {
    int32_t count;                      /* elements */
    int32_t a_zero, b_zero, out_zero;   /* zero points */
    int32_t b_multiplier, b_shift;      /* shifts <= 0 */
    int32_t out_multiplier, out_shift;
    int32_t low, high;                  /* the fused activation's range */
    int32_t ties;                       /* of ek_layer_mve */
} ek_add_s8_mve_params;

/* a has the larger scale of the two, which is half of what both are brought to. out may be a or
 * b. */
void ek_add_s8_mve(const ek_add_s8_mve_params *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif
