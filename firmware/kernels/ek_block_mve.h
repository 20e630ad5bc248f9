/* The heart of convolution on Helium: 2 pixels times 4 output channels.
 *
 * VMLADAVA multiplies 16 pairs of bytes and adds all products to a register with an even number:
 * eight sums take all eight of those. A step of 16 inputs costs 6 loads and 8 VMLADAVA, 14
 * instructions for 128 products. */
#ifndef EK_BLOCK_MVE_H
#define EK_BLOCK_MVE_H

#include "ek_mve.h"

#if EK_MVE

#define EK_STEP                                                                                   \
    "vldrw.u32 %q[x], [%[x0]], #16\n\t"                                                           \
    "vldrw.u32 %q[w], [%[from]], #16\n\t"                                                         \
    "vldrw.u32 %q[y], [%[x1]], #16\n\t"                                                           \
    "vmladava.s8 %[a0], %q[x], %q[w]\n\t"                                                         \
    "vmladava.s8 %[b0], %q[y], %q[w]\n\t"                                                         \
    "vldrw.u32 %q[w], [%[from]], #16\n\t"                                                         \
    "vmladava.s8 %[a1], %q[x], %q[w]\n\t"                                                         \
    "vmladava.s8 %[b1], %q[y], %q[w]\n\t"                                                         \
    "vldrw.u32 %q[w], [%[from]], #16\n\t"                                                         \
    "vmladava.s8 %[a2], %q[x], %q[w]\n\t"                                                         \
    "vmladava.s8 %[b2], %q[y], %q[w]\n\t"                                                         \
    "vldrw.u32 %q[w], [%[from]], #16\n\t"                                                         \
    "vmladava.s8 %[a3], %q[x], %q[w]\n\t"                                                         \
    "vmladava.s8 %[b3], %q[y], %q[w]\n\t"

/* Sums to vectors x and y, and their rescaling; `TIES` between its two halves. */
#define EK_BLOCK(TIES)                                                                            \
    "sub %[a0], %[end], %[x0]\n\t" /* 16 bytes a step: N is one step over, C are two */           \
    "lsls %[a0], %[a0], #27\n\t"                                                                  \
    "ldrd %[a0], %[a1], [%[from]]\n\t"                                                            \
    "ldrd %[b0], %[b1], [%[from]], #8\n\t"                                                        \
    "ldrd %[a2], %[a3], [%[from]]\n\t"                                                            \
    "ldrd %[b2], %[b3], [%[from]], #8\n\t"                                                        \
    "bpl 1f\n\t" EK_STEP                                                                          \
    "1:\n\t"                                                                                      \
    "bcc 2f\n\t" EK_STEP EK_STEP                                                                  \
    "2:\n\t"                                                                                      \
    "cmp %[x0], %[end]\n\t"                                                                       \
    "beq 4f\n"                                                                                    \
    "3:\n\t" EK_STEP EK_STEP EK_STEP EK_STEP                                                      \
    "cmp %[x0], %[end]\n\t"                                                                       \
    "bne 3b\n"                                                                                    \
    "4:\n\t"                                                                                      \
    "vmov %q[x][2], %q[x][0], %[a0], %[a2]\n\t"                                                   \
    "vmov %q[x][3], %q[x][1], %[a1], %[a3]\n\t"                                                   \
    "vldrw.u32 %q[w], [%[from]], #16\n\t"                                                         \
    "vmov %q[y][2], %q[y][0], %[b0], %[b2]\n\t"                                                   \
    "vmov %q[y][3], %q[y][1], %[b1], %[b3]\n\t"                                                   \
    "vldrw.u32 %q[s], [%[from]], #16\n\t"                                                         \
    "vqrdmulh.s32 %q[x], %q[x], %q[w]\n\t"                                                        \
    "vqrdmulh.s32 %q[y], %q[y], %q[w]\n\t" TIES                                                   \
    "vrshl.s32 %q[x], %q[x], %q[s]\n\t"                                                           \
    "vrshl.s32 %q[y], %q[y], %q[s]\n\t"                                                           \
    "vadd.i32 %q[x], %q[x], %q[zero]\n\t"                                                         \
    "vadd.i32 %q[y], %q[y], %q[zero]\n\t"                                                         \
    "vmax.s32 %q[x], %q[x], %q[low]\n\t"                                                          \
    "vmax.s32 %q[y], %q[y], %q[low]\n\t"                                                          \
    "vmin.s32 %q[x], %q[x], %q[high]\n\t"                                                         \
    "vmin.s32 %q[y], %q[y], %q[high]\n\t"                                                         \
    "vstrb.32 %q[x], [%[out0]], #4\n\t"                                                           \
    "vstrb.32 %q[y], [%[out1]], #4\n\t"

/* As in ek_rescale_mve. */
#define EK_TIES                                                                                   \
    "vand %q[w], %q[x], %q[s]\n\t"                                                                \
    "vshr.s32 %q[w], %q[w], #31\n\t"                                                              \
    "vqadd.s32 %q[x], %q[x], %q[w]\n\t"                                                           \
    "vand %q[w], %q[y], %q[s]\n\t"                                                                \
    "vshr.s32 %q[w], %q[w], #31\n\t"                                                              \
    "vqadd.s32 %q[y], %q[y], %q[w]\n\t"

#define EK_RUN_BLOCKS(TIES)                                                                       \
    for (; fours > 0; fours--) {                                                                  \
        const int8_t *x0 = row0, *x1 = row1;                                                      \
        __asm__ volatile(EK_BLOCK(TIES)                                                           \
                         : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3),    \
                           [b0] "=&Te"(b0), [b1] "=&Te"(b1), [b2] "=&Te"(b2), [b3] "=&Te"(b3),    \
                           [from] "+r"(from), [x0] "+r"(x0), [x1] "+r"(x1), [out0] "+l"(out0),    \
                           [out1] "+l"(out1), [x] "=&w"(x), [y] "=&w"(y), [w] "=&w"(w),           \
                           [s] "=&w"(s)                                                           \
                         : [end] "r"(end), [zero] "w"(zero), [low] "w"(low), [high] "w"(high)     \
                         : "cc", "memory");                                                       \
    }

#endif

/* 4 * fours channels of two pixels to out0 and out1. row0, row1: the pixels' inputs, [depth] each,
 * aligned to 4, depth % 16 = 0. `from`, for each four channels: bias[4], weights
 * [depth / 16][4][16] as bytes, multipliers[4], shifts[4] (<= 0). Returns where it ends. */
EK_ALONE const int32_t *ek_blocks_mve(const int32_t *from, int32_t fours, const int8_t *row0,
                                           const int8_t *row1, int32_t depth,
                                           const ek_layer_mve *l, int8_t *out0, int8_t *out1) {
#if EK_MVE
    const int8_t *end = row0 + depth;
    const int32x4_t zero = vdupq_n_s32(l->zero), low = vdupq_n_s32(l->low);
    const int32x4_t high = vdupq_n_s32(l->high);
    int32x4_t x, y, w, s;
    int32_t a0, a1, a2, a3, b0, b1, b2, b3;
    if (l->ties) {
        EK_RUN_BLOCKS(EK_TIES)
    } else {
        EK_RUN_BLOCKS("")
    }
#else
    static const int32_t none[4] = {0, 0, 0, 0};
    for (; fours > 0; fours--, out0 += 4, out1 += 4) {
        int32_t a[4], b[4];
        memcpy(a, from, sizeof a);
        memcpy(b, from, sizeof b);
        const int8_t *w = (const int8_t *)(from + 4);
        for (int32_t k = 0; k < depth; k += 16) {
            for (int32_t o = 0; o < 4; o++, w += 16) {
                for (int32_t i = 0; i < 16; i++) {
                    a[o] = ek_wrap_add(a[o], row0[k + i] * w[i]);
                    b[o] = ek_wrap_add(b[o], row1[k + i] * w[i]);
                }
            }
        }
        const int32_t *multipliers = from + 4 + depth;
        ek_store4_mve(a, none, multipliers, multipliers + 4, *l, out0, 4);
        ek_store4_mve(b, none, multipliers, multipliers + 4, *l, out1, 4);
        from = multipliers + 8;
    }
#endif
    return from;
}

#endif
