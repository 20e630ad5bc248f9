/* int8 values to uint8 of another scale. */
#ifndef EK_RESCALE_S8_U8_H
#define EK_RESCALE_S8_U8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t in_zero, out_zero;   /* zero points */
    int32_t multiplier, shift;   /* input scale / output scale */
    int32_t low, high;           /* the output's range */
} ek_rescale_s8_u8_params;

/* in, out: [count]; out may be in's memory. */
void ek_rescale_s8_u8(const ek_rescale_s8_u8_params *p, const int8_t *in, uint8_t *out);

#endif
