/* Fully connected layer for the DSP extension: four channels at once from int8 weights. */
#ifndef EK_FULLY_CONNECTED_S8_DSP_H
#define EK_FULLY_CONNECTED_S8_DSP_H

#include <stdint.h>

typedef struct {
    int32_t rows, depth, channels;
    int32_t per_channel;         /* 1: multipliers and shifts have `channels` items, 0: one */
    int32_t in_zero, out_zero;   /* zero points */
    int32_t low, high;           /* the fused activation's range */
    const uint32_t *weights;     /* [channels / 4][depth / 4][4], see ek_fully_connected_s8_dsp.c;
                                    both numbers rounded up */
    const int32_t *bias;         /* [channels up to a multiple of 4], zero point worked in */
    const int32_t *multipliers;  /* [channels] or [1] */
    const int8_t *shifts;        /* [channels] or [1], of ek_channel_rescale */
} ek_fully_connected_s8_dsp_params;

/* in: [rows][depth], out: [rows][channels]. */
void ek_fully_connected_s8_dsp(const ek_fully_connected_s8_dsp_params *p, const int8_t *in,
                               int8_t *out);

#endif
