/* Fully connected layer for Helium: four channels at once. */
#ifndef EK_FULLY_CONNECTED_S8_MVE_H
#define EK_FULLY_CONNECTED_S8_MVE_H

#include <stdint.h>

typedef struct {
    int32_t rows, depth, channels;
    int32_t per_channel;         /* 1: multipliers and shifts have one a channel, 0: four alike */
    int32_t in_zero, out_zero;   /* zero points */
    int32_t low, high;           /* the fused activation's range */
    int32_t ties;                /* of ek_layer_mve */
    const int8_t *weights;       /* [channels][depth] */
    const int32_t *bias;         /* [channels up to a multiple of 4], zero point worked in */
    const int32_t *multipliers;  /* [channels up to a multiple of 4] or [4] */
    const int32_t *shifts;       /* as multipliers, none above 0 */
} ek_fully_connected_s8_mve_params;

/* in: [rows][depth], out: [rows][channels]. */
void ek_fully_connected_s8_mve(const ek_fully_connected_s8_mve_params *p, const int8_t *in,
                               int8_t *out);

#endif
