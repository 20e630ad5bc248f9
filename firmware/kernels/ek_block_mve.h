/* The heart of convolution on Helium: 2 pixels times 4 output channels.
 *
 * VMLADAVA multiplies 16 pairs of bytes and adds all products to a register with an even number:
 * eight sums take all eight of those. A step of 16 inputs costs 6 loads and 8 VMLADAVA, 14
 * instructions for 128 products. */
#ifndef EK_BLOCK_MVE_H
#define EK_BLOCK_MVE_H

#include "ek_mve.h"

#define EK_BLOCK_WORDS(depth) (12 + (depth)) /* of weights and all for four channels */

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
    for (; pairs > 0; pairs--, rows += 2 * depth, out += 2 * pitch) {                             \
        const int8_t *end = rows + depth;                                                         \
        const int32_t *from = weights;                                                            \
        int8_t *out0 = out, *out1 = out + pitch;                                                  \
        for (int32_t i = fours; i > 0; i--) {                                                     \
            const int8_t *x0 = rows, *x1 = end;                                                   \
            __asm__ volatile(EK_BLOCK(TIES)                                                       \
                             : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2),                 \
                               [a3] "=&Te"(a3), [b0] "=&Te"(b0), [b1] "=&Te"(b1),                 \
                               [b2] "=&Te"(b2), [b3] "=&Te"(b3), [from] "+&r"(from),              \
                               [x0] "+&r"(x0), [x1] "+&r"(x1), [out0] "+&l"(out0),                \
                               [out1] "+&l"(out1), [x] "=&w"(x), [y] "=&w"(y), [w] "=&w"(w),      \
                               [s] "=&w"(s)                                                       \
                             : [end] "r"(end), [zero] "w"(zero), [low] "w"(low),                  \
                               [high] "w"(high)                                                   \
                             : "cc", "memory");                                                   \
        }                                                                                         \
    }

#endif

/* 4 * fours channels of 2 * pairs pixels to out, pixels `pitch` bytes apart. rows: the pixels'
 * inputs, [2 * pairs][depth], aligned to 4, depth % 16 = 0. weights, for each four channels:
 * bias[4], weights [depth / 16][4][16] as bytes, multipliers[4], shifts[4] (<= 0). */
EK_ALONE void ek_blocks_mve(const int32_t *weights, int32_t fours, const int8_t *rows,
                            int32_t depth, int32_t pairs, const ek_layer_mve *l, int8_t *out,
                            int32_t pitch) {
#if EK_MVE
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
    for (int32_t i = 0; i < 2 * pairs; i++, rows += depth, out += pitch) {
        const int32_t *from = weights;
        for (int32_t c = 0; c < 4 * fours; c += 4, from += EK_BLOCK_WORDS(depth)) {
            const int8_t *w = (const int8_t *)(from + 4);
            int32_t sums[4];
            memcpy(sums, from, sizeof sums);
            for (int32_t k = 0; k < 4 * depth; k++) {
                int32_t *sum = &sums[k / 16 % 4];
                *sum = ek_wrap_add(*sum, rows[k / 64 * 16 + k % 16] * w[k]);
            }
            const int32_t *multipliers = from + 4 + depth;
            ek_store4_mve(sums, none, multipliers, multipliers + 4, *l, out + c, 4);
        }
    }
#endif
}

#endif
