/* Depthwise convolution for Helium: 16 channels at a time taken apart so that four rows of one
 * channel are one word; four words gathered make the whole window of a channel. */
#ifndef EK_DEPTHWISE_CONV2D_S8_MVE_H
#define EK_DEPTHWISE_CONV2D_S8_MVE_H

#include <stdint.h>

typedef struct {
    int32_t batches, in_h, in_c;       /* out_c = in_c >= 4 */
    int32_t row_bytes, column_bytes;   /* from a row of the input to the next, and from a column */
    int32_t out_h, out_w;
    int32_t kernel_h, kernel_w;        /* kernel_h up to a multiple of 4, times kernel_w <= 16 */
    int32_t stride_h, stride_w, dilation_h, dilation_w;
    int32_t pad_h, pad_w;        /* rows above and columns left of the input */
    int32_t in_zero, out_zero;   /* zero points */
    int32_t low, high;           /* the fused activation's range */
    int32_t ties;                /* of ek_layer_mve */
    int32_t rows;                /* of outputs at once: 2 for kernel_h < 4 and steps of 1, else 1 */
    int32_t strip_w;             /* columns that a row of outputs reads */
    int32_t columns;             /* of them inside the input, from number pad_w on, > 0 */
    const int32_t *weights;      /* for channels 4 i to 4 i + 3, the last four of in_c at the end:
                                    bias[4], the input's zero point worked in, multipliers[4],
                                    shifts[4] (<= 0), then weights [4][word][4 rows] as bytes */
} ek_depthwise_conv2d_s8_mve_params;

/* in: [batches][in_h][in_w][in_c], out: [batches][out_h][out_w][in_c]. scratch: 64 bytes for each
 * column of a strip and each four rows of the kernel, and 16. out may overlap in: the inputs of
 * `rows` rows of 16 channels are read before the outputs are written. */
void ek_depthwise_conv2d_s8_mve(const ek_depthwise_conv2d_s8_mve_params *p, const int8_t *in,
                                int8_t *out, void *scratch);

#endif
