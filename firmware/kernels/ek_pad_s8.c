#include "ek_pad_s8.h"

#include <stddef.h>
#include <string.h>

static int8_t *fill(int8_t *out, int32_t value, int32_t count) {
    memset(out, value, (size_t)count);
    return out + count;
}

void ek_pad_s8(const ek_pad_s8_params *p, const int8_t *in, int8_t *out) {
    const int32_t row = p->before3 + p->dim3 + p->after3;
    const int32_t plane = (p->before2 + p->dim2 + p->after2) * row;
    const int32_t block = (p->before1 + p->dim1 + p->after1) * plane;
    out = fill(out, p->value, p->before0 * block);
    for (int32_t i = 0; i < p->dim0; i++) {
        out = fill(out, p->value, p->before1 * plane);
        for (int32_t j = 0; j < p->dim1; j++) {
            out = fill(out, p->value, p->before2 * row);
            for (int32_t k = 0; k < p->dim2; k++) {
                out = fill(out, p->value, p->before3);
                memcpy(out, in, (size_t)p->dim3);
                in += p->dim3;
                out = fill(out + p->dim3, p->value, p->after3);
            }
            out = fill(out, p->value, p->after2 * row);
        }
        out = fill(out, p->value, p->after1 * plane);
    }
    fill(out, p->value, p->after0 * block);
}
