/* uint8 values to int8 of another scale. */
#ifndef EK_RESCALE_U8_S8_H
#define EK_RESCALE_U8_S8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t in_zero, out_zero;   /* zero points */
    int32_t multiplier, shift;   /* input scale / output scale */
    int32_t low, high;           /* the output's range */
} ek_rescale_u8_s8_params;

/* in, out: [count]; out may be in's memory. */
void ek_rescale_u8_s8(const ek_rescale_u8_s8_params *p, const uint8_t *in, int8_t *out);

#endif
