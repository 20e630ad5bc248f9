/* The average over a sliding window for the DSP extension, cells outside the input left out. */
#ifndef EK_AVERAGE_POOL2D_S8_DSP_H
#define EK_AVERAGE_POOL2D_S8_DSP_H

#include "ek_average_pool2d_s8.h"

/* channels % 4 = 0 */
typedef ek_average_pool2d_s8_params ek_average_pool2d_s8_dsp_params;

/* in: [batches][in_h][in_w][channels], out: [batches][out_h][out_w][channels]. */
void ek_average_pool2d_s8_dsp(const ek_average_pool2d_s8_dsp_params *p, const int8_t *in,
                              int8_t *out);

#endif
