/* Surrounds a tensor of four dimensions with a constant. */
#ifndef EK_PAD_S8_H
#define EK_PAD_S8_H

#include <stdint.h>

typedef struct {
    int32_t dim0, dim1, dim2, dim3;              /* the input's shape */
    int32_t before0, before1, before2, before3;  /* cells added before each axis */
    int32_t after0, after1, after2, after3;      /* and after it */
    int32_t value;
} ek_pad_s8_params;

/* out: [before0 + dim0 + after0][...][...][before3 + dim3 + after3]. */
void ek_pad_s8(const ek_pad_s8_params *p, const int8_t *in, int8_t *out);

#endif
