#include "ek_add_s8_dsp.h"

#include "ek_dsp.h"
#include "ek_requantize.h"

#define LEFT_SHIFT 20 /* headroom for the first rescaling */

/* Twice each of the 256 values rescaled, by its bits as uint8. */
static void fill_table(int32_t *table, int32_t zero, int32_t multiplier, int32_t shift) {
    for (int32_t i = 0; i < 256; i++) {
        const int32_t x = (i < 128 ? i : i - 256) - zero;
        table[i] = 2 * ek_requantize(x * (1 << LEFT_SHIFT), multiplier, shift);
    }
}

/* The sum x2 / 2 rescaled: with n = -shift, SMMLAR gives the product rounded half up and what the
 * second rounding and the zero point add, before its shift. The second rounds half away from zero:
 * one less is added to negative sums. */
static EK_INLINE int32_t add_one(int32_t x2, int32_t multiplier, int32_t rounding, int32_t n) {
    return ek_smmlar(x2, multiplier, rounding + (x2 >> 31)) >> n;
}

void ek_add_s8_dsp(const ek_add_s8_dsp_params *p, const int8_t *a, const int8_t *b, int8_t *out,
                   void *scratch) {
    int32_t *of_a = scratch, *of_b = of_a + 256;
    const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;
    const int32_t n = -p->out_shift, m = p->out_multiplier;
    const int32_t rounding = (1 << (n - 1)) + p->out_zero * (1 << n);
    const int8_t *end = out + p->size, *fours = out + (p->size & ~3);
    fill_table(of_a, p->a_zero, p->a_multiplier, p->a_shift);
    fill_table(of_b, p->b_zero, p->b_multiplier, p->b_shift);
    if (p->low == INT8_MIN && p->high == INT8_MAX) {
        for (; out != fours; out += 4, x += 4, y += 4) {
            const int32_t s0 = of_a[x[0]] + of_b[y[0]], s1 = of_a[x[1]] + of_b[y[1]];
            out[0] = (int8_t)ek_ssat8(add_one(s0, m, rounding, n));
            out[1] = (int8_t)ek_ssat8(add_one(s1, m, rounding, n));
            const int32_t s2 = of_a[x[2]] + of_b[y[2]], s3 = of_a[x[3]] + of_b[y[3]];
            out[2] = (int8_t)ek_ssat8(add_one(s2, m, rounding, n));
            out[3] = (int8_t)ek_ssat8(add_one(s3, m, rounding, n));
        }
    }
    for (; out != end; out++, x++, y++) {
        *out = ek_clamp_s8(add_one(of_a[*x] + of_b[*y], m, rounding, n), p->low, p->high);
    }
}
