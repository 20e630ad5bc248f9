#include "ek_add_s8_mve.h"

#include "ek_mve.h"

#define LEFT_SHIFT 20 /* headroom for the first rescaling */

#if EK_MVE

static inline int32x4_t add_four(const ek_add_s8_mve_params *p, int32x4_t a, int32x4_t b,
                                 ek_layer_mve l) {
    /* Half of a, exactly. */
    a = vshlq_n_s32(vaddq_n_s32(a, -p->a_zero), LEFT_SHIFT - 1);
    b = vshlq_n_s32(vaddq_n_s32(b, -p->b_zero), LEFT_SHIFT);
    b = ek_rescale_mve(b, vdupq_n_s32(p->b_multiplier), vdupq_n_s32(p->b_shift), 1);
    const int32x4_t multiplier = vdupq_n_s32(p->out_multiplier);
    const int32x4_t shift = vdupq_n_s32(p->out_shift);
    return ek_clamp_mve(ek_rescale_mve(vaddq_s32(a, b), multiplier, shift, l.ties), l);
}

static inline void add_all(const ek_add_s8_mve_params *p, const int8_t *a, const int8_t *b,
                           int8_t *out, int32_t ties) {
    const ek_layer_mve l = {p->out_zero, p->low, p->high, ties};
    const int8_t *end = a + (p->count & ~3);
    for (; a < end; a += 4, b += 4, out += 4) {
        vstrbq_s32(out, add_four(p, vldrbq_s32(a), vldrbq_s32(b), l));
    }
    const mve_pred16_t tail = vctp32q((uint32_t)p->count & 3);
    const int32x4_t x = vldrbq_z_s32(a, tail), y = vldrbq_z_s32(b, tail);
    vstrbq_p_s32(out, add_four(p, x, y, l), tail);
}

#else

static inline void add_all(const ek_add_s8_mve_params *p, const int8_t *a, const int8_t *b,
                           int8_t *out, int32_t ties) {
    (void)ties;
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t x = (a[i] - p->a_zero) * (1 << (LEFT_SHIFT - 1));
        const int32_t y = (b[i] - p->b_zero) * (1 << LEFT_SHIFT);
        int32_t sum = x + ek_requantize(y, p->b_multiplier, p->b_shift);
        sum = ek_requantize(sum, p->out_multiplier, p->out_shift);
        out[i] = ek_clamp_s8(sum + p->out_zero, p->low, p->high);
    }
}

#endif

void ek_add_s8_mve(const ek_add_s8_mve_params *p, const int8_t *a, const int8_t *b, int8_t *out) {
    if (p->ties) {
        add_all(p, a, b, out, 1);
    } else {
        add_all(p, a, b, out, 0);
    }
}
