/* Fully connected layer: int8 rows [rows][depth] times int8 weights [channels][depth]. */
#ifndef EK_FULLY_CONNECTED_S8_H
#define EK_FULLY_CONNECTED_S8_H

#include <stdint.h>

typedef struct {
    int32_t rows, depth, channels;
    int32_t per_channel;         /* 1: multipliers and shifts have `channels` items, 0: one */
    int32_t in_zero, out_zero;   /* zero points */
    int32_t low, high;           /* the fused activation's range */
    const int8_t *weights;       /* [channels][depth] */
    const int32_t *bias;         /* [channels] */
    const int32_t *multipliers;  /* [channels] or [1] */
    const int8_t *shifts;        /* [channels] or [1] */
} ek_fully_connected_s8_params;

/* in: [rows][depth], out: [rows][channels]. */
void ek_fully_connected_s8(const ek_fully_connected_s8_params *p, const int8_t *in, int8_t *out);

#endif
