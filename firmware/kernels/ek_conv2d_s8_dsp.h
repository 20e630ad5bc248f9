/* Convolution for the DSP extension: columns of inputs as int16, 4 pixels x 2 channels at once. */
#ifndef EK_CONV2D_S8_DSP_H
#define EK_CONV2D_S8_DSP_H

#include <stdint.h>

typedef struct {
    int32_t batches, in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w, dilation_h, dilation_w;
    int32_t pad_h, pad_w;        /* rows above and columns left of the input */
    int32_t in_zero, out_zero;   /* zero points */
    int32_t low, high;           /* the fused activation's range */
    int32_t depth;               /* inputs a pixel, kernel_h * kernel_w * in_c, up to a multiple of 4 */
    int32_t blocks;              /* blocks of four pixels a tile */
    const uint32_t *wide;        /* [out_c / 2][depth / 2][2 channels] words of two int16, or null */
    const int8_t *weights;       /* [out_c][depth], or null */
    const int32_t *bias;         /* [out_c], the input's zero point worked in */
    const int32_t *multipliers;  /* [out_c] */
    const int8_t *shifts;        /* [out_c], of ek_channel_rescale */
} ek_conv2d_s8_dsp_params;

/* in: [batches][in_h][in_w][in_c], out: [batches][out_h][out_w][out_c]. scratch, in words:
 * blocks * depth * 2 for columns, depth for weights if they are not wide, and for a kernel that is
 * not pointwise depth + kernel_w * in_c bytes. out may be in for a pointwise kernel with out_c <= in_c. */
void ek_conv2d_s8_dsp(const ek_conv2d_s8_dsp_params *p, const int8_t *in, int8_t *out,
                      void *scratch);

#endif
