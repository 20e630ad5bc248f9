/* Inner products of int8 vectors. */
#ifndef EK_DOT_H
#define EK_DOT_H

#include <stdint.h>

/* sum of (a[i] - a_zero) * b[i] over n. */
static inline int32_t ek_dot_s8(const int8_t *a, int32_t a_zero, const int8_t *b, int32_t n) {
    int32_t sum = 0;
    int32_t i = 0;
    for (; i + 4 <= n; i += 4) {
        sum += (a[i] - a_zero) * b[i];
        sum += (a[i + 1] - a_zero) * b[i + 1];
        sum += (a[i + 2] - a_zero) * b[i + 2];
        sum += (a[i + 3] - a_zero) * b[i + 3];
    }
    for (; i < n; i++) {
        sum += (a[i] - a_zero) * b[i];
    }
    return sum;
}

#endif
