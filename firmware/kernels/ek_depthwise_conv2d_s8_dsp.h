/* Depthwise convolution for the DSP extension: a channel at a time as a plane of int16 in which the
 * rows of a column are neighbours, so that a word holds two taps. */
#ifndef EK_DEPTHWISE_CONV2D_S8_DSP_H
#define EK_DEPTHWISE_CONV2D_S8_DSP_H

#include <stdint.h>

typedef struct {
    int32_t batches, in_h, in_w, in_c; /* out_c = in_c */
    int32_t out_h, out_w;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w, dilation_w; /* undilated down the rows */
    int32_t pad_h, pad_w;        /* rows above and columns left of the input */
    int32_t in_zero, out_zero;   /* zero points */
    int32_t low, high;           /* the fused activation's range */
    int32_t planes;              /* channels taken apart at once, 4 or 1 */
    int32_t plane_h, plane_w;    /* a plane: [plane_w][plane_h], padding included */
    const int8_t *weights;       /* [kernel_h][kernel_w][in_c] */
    const int32_t *bias;         /* [in_c], the input's zero point worked in */
    const int32_t *multipliers;  /* [in_c] */
    const int8_t *shifts;        /* [in_c], of ek_channel_rescale */
} ek_depthwise_conv2d_s8_dsp_params;

/* in: [batches][in_h][in_w][in_c], out: [batches][out_h][out_w][in_c]. scratch: the planes, each
 * plane_w * plane_h int16, then as many times kernel_w * (kernel_h up to a multiple of 4) int16 for
 * weights. out may be in where there is one batch: a channel is read whole before it is written, to
 * places of its own in every pixel. */
void ek_depthwise_conv2d_s8_dsp(const ek_depthwise_conv2d_s8_dsp_params *p, const int8_t *in,
                                int8_t *out, void *scratch);

#endif
