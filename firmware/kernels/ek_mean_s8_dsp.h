/* Mean over the middle of three axes for the DSP extension. */
#ifndef EK_MEAN_S8_DSP_H
#define EK_MEAN_S8_DSP_H

#include "ek_mean_s8.h"

/* inner % 4 = 0 */
typedef ek_mean_s8_params ek_mean_s8_dsp_params;

/* in: [outer][reduced][inner], out: [outer][inner]. */
void ek_mean_s8_dsp(const ek_mean_s8_dsp_params *p, const int8_t *in, int8_t *out);

#endif
