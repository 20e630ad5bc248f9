/* Windows of one channel each along one row, or two, of outputs. */
#ifndef EK_WINDOW_MVE_H
#define EK_WINDOW_MVE_H

#include "ek_mve.h"

#define EK_WINDOW_WORDS 28 /* of weights and all for four channels */

/* Where the windows are and where the outputs go. */
typedef struct {
    const int8_t *strip; /* the first channel's word of column 0, the next one's 4 bytes on */
    int32_t words[4];    /* from there to each word of a window, in bytes */
    int32_t step, pitch; /* from a window to the next, and from its output to the next, in bytes */
    int8_t *out0, *out1; /* the rows of outputs; out1 is out0 where there is but one */
    int32_t count;       /* outputs of a row, > 0 */
} ek_windows;

#if EK_MVE

/* Channel J: the window to t, its weights to v, both to sum aJ; with a second row to bJ. */
#define EK_ONE_ROW(J)                                                                             \
    "vldrw.u32 %q[t], [%q[at], #4*" #J "]\n\t"                                                    \
    "vldrw.u32 %q[v], [%[w], #16*" #J "]\n\t"                                                     \
    "vmladav.s8 %[a" #J "], %q[t], %q[v]\n\t"
#define EK_TWO_ROWS(J)                                                                            \
    EK_ONE_ROW(J)                                                                                 \
    "vshl.i32 %q[v], %q[v], #8\n\t"                                                               \
    "vmladav.s8 %[b" #J "], %q[t], %q[v]\n\t"

/* Sums S to vector X, then TFLite's rescaling. */
#define EK_SUMS(X, S)                                                                             \
    "vmov %q[" X "][2], %q[" X "][0], %[" S "0], %[" S "2]\n\t"                                   \
    "vmov %q[" X "][3], %q[" X "][1], %[" S "1], %[" S "3]\n\t"
#define EK_ADD(X) "vadd.i32 %q[" X "], %q[" X "], %q[u]\n\t"
#define EK_FACTORS "vldrw.u32 %q[u], [%[w], #-32]\n\t"
#define EK_MULTIPLY(X) "vqrdmulh.s32 %q[" X "], %q[" X "], %q[u]\n\t"
#define EK_TIE(X)                                                                                 \
    "vand %q[u], %q[" X "], %q[s]\n\t"                                                            \
    "vshr.s32 %q[u], %q[u], #31\n\t"                                                              \
    "vqadd.s32 %q[" X "], %q[" X "], %q[u]\n\t"
#define EK_LAST(X, TO)                                                                            \
    "vrshl.s32 %q[" X "], %q[" X "], %q[s]\n\t"                                                   \
    "vadd.i32 %q[" X "], %q[" X "], %q[zero]\n\t"                                                  \
    "vmax.s32 %q[" X "], %q[" X "], %q[low]\n\t"                                                  \
    "vmin.s32 %q[" X "], %q[" X "], %q[high]\n\t"                                                 \
    "vstrb.32 %q[" X "], [%[" TO "]]\n\t"

#define EK_BIAS "vldrw.u32 %q[u], [%[w], #-48]\n\t"
/* step and pitch to registers that held sums: all others are taken. */
#define EK_NEXT                                                                                   \
    "ldrd %[a0], %[a1], [%[steps]]\n\t"                                                           \
    "vadd.i32 %q[at], %q[at], %[a0]\n\t"                                                          \
    "add %[out0], %[out0], %[a1]\n\t"
#define EK_LOOP                                                                                   \
    "subs %[n], %[n], #1\n\t"                                                                     \
    "bne 1b\n\t"

#define EK_RUN_ONE(TIE)                                                                           \
    __asm__ volatile("1:\n\t" EK_ONE_ROW(0) EK_ONE_ROW(1) EK_ONE_ROW(2) EK_ONE_ROW(3) EK_BIAS     \
                     EK_SUMS("t", "a") EK_ADD("t") EK_FACTORS EK_MULTIPLY("t") TIE                \
                     EK_LAST("t", "out0")                                                         \
                     EK_NEXT EK_LOOP                                                              \
                     : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3),        \
                       [out0] "+&l"(out0), [n] "+&r"(n), [at] "+&w"(at), [t] "=&w"(t),            \
                       [v] "=&w"(v), [u] "=&w"(u)                                                 \
                     : [w] "r"(w), [steps] "r"(&to->step), [zero] "w"(zero), [s] "w"(s),          \
                       [low] "w"(low), [high] "w"(high)                                           \
                     : "cc", "memory")

/* Row 1 is stored first: where there is none it goes to row 0's place. */
#define EK_RUN_TWO(TIE_T, TIE_V)                                                                  \
    __asm__ volatile("1:\n\t" EK_TWO_ROWS(0) EK_TWO_ROWS(1) EK_TWO_ROWS(2) EK_TWO_ROWS(3) EK_BIAS \
                     EK_SUMS("t", "a") EK_SUMS("v", "b") EK_ADD("t") EK_ADD("v")                  \
                     EK_FACTORS EK_MULTIPLY("t") EK_MULTIPLY("v") TIE_T TIE_V                     \
                     EK_LAST("v", "out1") EK_LAST("t", "out0")                                    \
                     EK_NEXT "add %[out1], %[out1], %[a1]\n\t" EK_LOOP                            \
                     : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3),        \
                       [b0] "=&Te"(b0), [b1] "=&Te"(b1), [b2] "=&Te"(b2), [b3] "=&Te"(b3),        \
                       [out0] "+&l"(out0), [out1] "+&l"(out1), [n] "+&r"(n), [at] "+&w"(at),       \
                       [t] "=&w"(t), [v] "=&w"(v), [u] "=&w"(u)                                   \
                     : [w] "r"(w), [steps] "r"(&to->step), [zero] "w"(zero), [s] "w"(s),          \
                       [low] "w"(low), [high] "w"(high)                                           \
                     : "cc", "memory")

#endif

/* Four channels of one row of outputs or two. `from`: bias[4], multipliers[4], shifts[4], weights
 * [4][16] as bytes; the second row takes each word's weights one row further down. */
EK_ALONE void ek_windows_mve(const int32_t *from, const ek_windows *to, int32_t rows,
                             const ek_layer_mve *l) {
#if EK_MVE
    int8_t *out0 = to->out0, *out1 = to->out1;
    const int32_t *w = from + 12;
    const int32x4_t s = vldrwq_s32(from + 8);
    const int32x4_t low = vdupq_n_s32(l->low), high = vdupq_n_s32(l->high);
    const int32x4_t zero = vdupq_n_s32(l->zero);
    int32x4_t at = vaddq_n_s32(vldrwq_s32(to->words), (int32_t)(uintptr_t)to->strip);
    int32x4_t t, u, v;
    int32_t a0, a1, a2, a3, b0, b1, b2, b3, n = to->count;
    if (rows == 2 && l->ties) {
        EK_RUN_TWO(EK_TIE("t"), EK_TIE("v"));
    } else if (rows == 2) {
        EK_RUN_TWO("", "");
    } else if (l->ties) {
        EK_RUN_ONE(EK_TIE("t"));
    } else {
        EK_RUN_ONE("");
    }
#else
    static const int32_t none[4] = {0, 0, 0, 0};
    const int8_t *w = (const int8_t *)(from + 12);
    for (int32_t i = 0; i < rows * to->count; i++) {
        const int32_t row = rows - 1 - i % rows, x = i / rows;
        int32_t sums[4];
        for (int32_t j = 0; j < 4; j++) {
            sums[j] = from[j];
            for (int32_t k = 0; k + row < 16; k++) {
                const int8_t *word = to->strip + to->words[k / 4] + x * to->step + 4 * j;
                sums[j] += k % 4 + row < 4 ? word[k % 4 + row] * w[16 * j + k] : 0;
            }
        }
        int8_t *out = (row ? to->out1 : to->out0) + x * to->pitch;
        ek_store4_mve(sums, none, from + 4, from + 8, *l, out, 4);
    }
#endif
}

#endif
