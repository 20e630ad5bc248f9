/* Mean over the middle of three axes. */
#ifndef EK_MEAN_S8_H
#define EK_MEAN_S8_H

#include <stdint.h>

typedef struct {
    int32_t outer, reduced, inner;
    int32_t in_zero, out_zero;   /* zero points */
    int32_t multiplier, shift;   /* input scale / (output scale * reduced) */
} ek_mean_s8_params;

/* in: [outer][reduced][inner], out: [outer][inner]. */
void ek_mean_s8(const ek_mean_s8_params *p, const int8_t *in, int8_t *out);

#endif
