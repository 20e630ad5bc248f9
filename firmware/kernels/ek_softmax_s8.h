/* Softmax over rows; the output's scale is 1/256 and its zero point -128. */
#ifndef EK_SOFTMAX_S8_H
#define EK_SOFTMAX_S8_H

#include <stdint.h>

typedef struct {
    int32_t rows, depth;
    int32_t entries;              /* differences d >= entries count as exp = 0 */
    const int32_t *exponentials;  /* [entries]: exp(-d * scale * beta) * 2^31 */
} ek_softmax_s8_params;

/* in, out: [rows][depth]; out may be in. */
void ek_softmax_s8(const ek_softmax_s8_params *p, const int8_t *in, int8_t *out);

#endif
