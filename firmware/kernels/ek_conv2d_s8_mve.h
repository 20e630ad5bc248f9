/* Convolution for Helium: 2 pixels x 4 channels at once, each pixel's window as a row of bytes. */
#ifndef EK_CONV2D_S8_MVE_H
#define EK_CONV2D_S8_MVE_H

#include <stdint.h>

typedef struct {
    int32_t batches, in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w, dilation_h, dilation_w;
    int32_t pad_h, pad_w;        /* rows above and columns left of the input */
    int32_t pointwise;           /* 1: of one pixel and stride 1, 0: any other */
    int32_t tile;                /* pixels at once, even */
    int32_t inside_h, inside_w;  /* last places where a window inside the input starts; -1: none */
    int32_t in_zero, out_zero;   /* zero points */
    int32_t low, high;           /* the fused activation's range */
    int32_t ties;                /* of ek_layer_mve */
    int32_t depth;               /* kernel_h * kernel_w * in_c, up to a multiple of 16 */
    const int32_t *weights;      /* for each four channels (the last filled up with zeros) as
                                    ek_block_mve takes them; the input's zero point is worked in */
} ek_conv2d_s8_mve_params;

/* in: [batches][in_h][in_w][in_c], out: [batches][out_h][out_w][out_c]. scratch: tile * depth
 * bytes. out may overlap in: a tile's inputs are read before its outputs are written. */
void ek_conv2d_s8_mve(const ek_conv2d_s8_mve_params *p, const int8_t *in, int8_t *out,
                      void *scratch);

#endif
