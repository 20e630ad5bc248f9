/* Convolution of int8 activations [n][h][w][c] with int8 weights [o][kh][kw][c]. */
#ifndef EK_CONV2D_S8_H
#define EK_CONV2D_S8_H

#include <stdint.h>

typedef struct {
    int32_t batches, in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w, dilation_h, dilation_w;
    int32_t pad_h, pad_w;        /* rows above and columns left of the input */
    int32_t in_zero, out_zero;   /* zero points */
    int32_t low, high;           /* the fused activation's range */
    const int8_t *weights;       /* [out_c][kernel_h][kernel_w][in_c] */
    const int32_t *bias;         /* [out_c] */
    const int32_t *multipliers;  /* [out_c] */
    const int8_t *shifts;        /* [out_c] */
} ek_conv2d_s8_params;

/* in: [batches][in_h][in_w][in_c], out: [batches][out_h][out_w][out_c]. */
void ek_conv2d_s8(const ek_conv2d_s8_params *p, const int8_t *in, int8_t *out);

#endif
