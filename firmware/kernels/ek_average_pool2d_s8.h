/* The average over a sliding window, cells outside the input left out. */
#ifndef EK_AVERAGE_POOL2D_S8_H
#define EK_AVERAGE_POOL2D_S8_H

#include <stdint.h>

typedef struct {
    int32_t batches, in_h, in_w, channels;
    int32_t out_h, out_w;
    int32_t kernel_h, kernel_w, stride_h, stride_w;
    int32_t pad_h, pad_w;   /* rows above and columns left of the input */
    int32_t low, high;      /* the fused activation's range */
} ek_average_pool2d_s8_params;

/* in: [batches][in_h][in_w][channels], out: [batches][out_h][out_w][channels]. */
void ek_average_pool2d_s8(const ek_average_pool2d_s8_params *p, const int8_t *in, int8_t *out);

#endif
