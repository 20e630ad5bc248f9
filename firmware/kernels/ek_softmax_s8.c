#include "ek_softmax_s8.h"

#include "ek_requantize.h"

#define SUM_INTEGER_BITS 12 /* of the sum of exponentials: up to 4095 classes */

static int32_t shift_left_saturated(int32_t x, int n) {
    const int64_t wide = (int64_t)x * ((int64_t)1 << n);
    return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* 1 / (1 + a) for a in [0, 1): three Newton-Raphson steps for the reciprocal of (1 + a) / 2, from
 * the linear start 48/17 - 32/17 d. a and the result have no integer bits, x has two. */
static int32_t reciprocal_of_one_plus(int32_t a) {
    const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
    int32_t x = 1515870810 + ek_high_mul(half, -1010580540);
    for (int i = 0; i < 3; i++) {
        const int32_t error = (1 << 29) - ek_high_mul(half, x);
        x += shift_left_saturated(ek_high_mul(x, error), 2);
    }
    return shift_left_saturated(x, 1);
}

static int leading_zeros(uint32_t x) {
    int n = 0;
    for (; !(x & 0x80000000u); x <<= 1) {
        n++;
    }
    return n;
}

static void softmax_row(const ek_softmax_s8_params *p, const int8_t *in, int8_t *out) {
    int32_t largest = INT8_MIN;
    for (int32_t i = 0; i < p->depth; i++) {
        largest = in[i] > largest ? in[i] : largest;
    }
    int32_t sum = 0; /* at least 2^19: the largest value's own exp is 1 */
    for (int32_t i = 0; i < p->depth; i++) {
        const int32_t d = largest - in[i];
        sum += d < p->entries ? ek_shift_round(p->exponentials[d], SUM_INTEGER_BITS) : 0;
    }
    const int zeros = leading_zeros((uint32_t)sum);
    const int32_t fraction = (int32_t)(((uint32_t)sum << zeros) - 0x80000000u);
    const int32_t scale = reciprocal_of_one_plus(fraction);
    const int shift = SUM_INTEGER_BITS - zeros + 31 - 8;
    for (int32_t i = 0; i < p->depth; i++) {
        const int32_t d = largest - in[i];
        const int32_t exp = d < p->entries ? p->exponentials[d] : 0;
        out[i] = ek_clamp_s8(ek_shift_round(ek_high_mul(scale, exp), shift) + INT8_MIN, INT8_MIN,
                             INT8_MAX);
    }
}

void ek_softmax_s8(const ek_softmax_s8_params *p, const int8_t *in, int8_t *out) {
    for (int32_t row = 0; row < p->rows; row++) {
        softmax_row(p, in + row * p->depth, out + row * p->depth);
    }
}
