#include "ek_add_s8.h"

#include "ek_requantize.h"

#define LEFT_SHIFT 20 /* headroom for the first rescaling */

static int8_t add_one(const ek_add_s8_params *p, int32_t a, int32_t b) {
    a = ek_requantize((a - p->a_zero) * (1 << LEFT_SHIFT), p->a_multiplier, p->a_shift);
    b = ek_requantize((b - p->b_zero) * (1 << LEFT_SHIFT), p->b_multiplier, p->b_shift);
    const int32_t sum = ek_requantize(a + b, p->out_multiplier, p->out_shift);
    return ek_clamp_s8(sum + p->out_zero, p->low, p->high);
}

void ek_add_s8(const ek_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out) {
    for (int32_t i = 0; i < p->dim0; i++) {
        for (int32_t j = 0; j < p->dim1; j++) {
            for (int32_t k = 0; k < p->dim2; k++) {
                const int8_t *x = a + i * p->a_stride0 + j * p->a_stride1 + k * p->a_stride2;
                const int8_t *y = b + i * p->b_stride0 + j * p->b_stride1 + k * p->b_stride2;
                for (int32_t n = 0; n < p->dim3; n++) {
                    *out++ = add_one(p, x[n * p->a_stride3], y[n * p->b_stride3]);
                }
            }
        }
    }
}
