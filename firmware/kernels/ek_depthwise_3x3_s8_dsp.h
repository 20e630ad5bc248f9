/* 3x3 depthwise convolution, stride 1 or 2, for the DSP extension: in place, with a strip of a few
 * rows of four channels as scratch.
 *
 * Height and width are alike to the kernel: it walks along the `cols` of the image and pairs its
 * `rows`, whichever of the two was given which name. */
#ifndef EK_DEPTHWISE_3X3_S8_DSP_H
#define EK_DEPTHWISE_3X3_S8_DSP_H

#include <stdint.h>

typedef struct {
    int32_t batches, channels;               /* channels % 4 = 0 */
    int32_t in_rows, in_cols, out_rows, out_cols; /* out_cols at most 32768 */
    int32_t in_row, in_col, out_row, out_col; /* bytes from one to the next */
    int32_t weight_row, weight_col;
    int32_t stride;                          /* 1 or 2 */
    int32_t pad_row, pad_col;                /* rows and columns before the input, 0 or 1 */
    int32_t in_zero, out_zero;               /* zero points */
    int32_t low, high;                       /* the fused activation's range */
    const int8_t *weights;                   /* [3][3][channels] */
    const int32_t *bias;                     /* [channels], the input's zero point worked in */
    const int32_t *multipliers;              /* [channels] */
    const int8_t *shifts;                    /* [channels], of ek_channel_rescale */
} ek_depthwise_3x3_s8_dsp_params;

/* in: [batches][h][w][channels], out: [batches][out_h][out_w][channels]. scratch:
 * 32 * ((out_cols - 1) * stride + 3) + 8 * in_cols bytes. out may be in where there is one batch
 * and their shapes are the same or the columns are the pixels of a line. */
void ek_depthwise_3x3_s8_dsp(const ek_depthwise_3x3_s8_dsp_params *p, const int8_t *in,
                             int8_t *out, void *scratch);

#endif
