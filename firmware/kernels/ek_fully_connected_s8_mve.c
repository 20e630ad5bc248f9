#include "ek_fully_connected_s8_mve.h"

#include "ek_mve.h"

/* Inner products of `in` with four rows of weights that start `step` bytes apart. */
static inline void four_rows(const int8_t *in, const int8_t *w0, int32_t step, int32_t depth,
                             int32_t sums[4]) {
    const int8_t *w1 = w0 + step, *w2 = w1 + step, *w3 = w2 + step;
#if EK_MVE
    int32_t a = 0, b = 0, c = 0, d = 0;
    __asm__ volatile(
        "dlstp.8 lr, %[depth]\n"
        "1:\n\t"
        "vldrb.8 q0, [%[in]], #16\n\t"
        "vldrb.8 q1, [%[w0]], #16\n\t"
        "vmladava.s8 %[a], q0, q1\n\t"
        "vldrb.8 q1, [%[w1]], #16\n\t"
        "vmladava.s8 %[b], q0, q1\n\t"
        "vldrb.8 q1, [%[w2]], #16\n\t"
        "vmladava.s8 %[c], q0, q1\n\t"
        "vldrb.8 q1, [%[w3]], #16\n\t"
        "vmladava.s8 %[d], q0, q1\n\t"
        "letp lr, 1b\n\t"
        : [a] "+&Te"(a), [b] "+&Te"(b), [c] "+&Te"(c), [d] "+&Te"(d), [in] "+&r"(in),
          [w0] "+&r"(w0), [w1] "+&r"(w1), [w2] "+&r"(w2), [w3] "+&r"(w3)
        : [depth] "r"(depth)
        : "q0", "q1", "lr", "memory");
    sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
#else
    sums[0] = sums[1] = sums[2] = sums[3] = 0;
    for (int32_t i = 0; i < depth; i++) {
        sums[0] += in[i] * w0[i];
        sums[1] += in[i] * w1[i];
        sums[2] += in[i] * w2[i];
        sums[3] += in[i] * w3[i];
    }
#endif
}

void ek_fully_connected_s8_mve(const ek_fully_connected_s8_mve_params *p, const int8_t *in,
                               int8_t *out) {
    const ek_layer_mve l = {p->out_zero, p->low, p->high, p->ties};
    for (int32_t row = 0; row < p->rows; row++, in += p->depth) {
        const int8_t *w = p->weights;
        for (int32_t o = 0; o < p->channels; o += 4) {
            const int32_t left = p->channels - o;
            const int32_t q = p->per_channel ? o : 0;
            int32_t sums[4];
            if (left >= 4) {
                four_rows(in, w, p->depth, p->depth, sums);
                w += 4 * p->depth;
            } else {
                for (int32_t i = 0; i < left; i++) { /* the first of four alike */
                    int32_t same[4];
                    four_rows(in, w, 0, p->depth, same);
                    sums[i] = same[0];
                    w += p->depth;
                }
                for (int32_t i = left; i < 4; i++) {
                    sums[i] = 0;
                }
            }
            ek_store4_mve(sums, p->bias + o, p->multipliers + q, p->shifts + q, l, out, left);
            out += left < 4 ? left : 4;
        }
    }
}
