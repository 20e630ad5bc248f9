/* The heart of convolution on the DSP extension: 4 pixels times 2 output channels in registers.
 *
 * All 14 free registers are used: 8 sums, 2 weights, 2 activations, 2 pointers. A pair of inputs
 * costs 3 LDRD and 8 SMLAD, 11 instructions for 16 products. */
#ifndef EK_BLOCK_DSP_H
#define EK_BLOCK_DSP_H

#include <stdint.h>

#include "ek_dsp.h"

#if EK_DSP_ASM

#define EK_PAIR                                                                               \
    "ldrd %[w0], %[w1], [%[w]], #8\n\t"                                                       \
    "ldrd %[x0], %[x1], [%[x]], #8\n\t"                                                       \
    "smlad %[s0], %[w0], %[x0], %[s0]\n\t"                                                    \
    "smlad %[s4], %[w1], %[x0], %[s4]\n\t"                                                    \
    "smlad %[s1], %[w0], %[x1], %[s1]\n\t"                                                    \
    "smlad %[s5], %[w1], %[x1], %[s5]\n\t"                                                    \
    "ldrd %[x0], %[x1], [%[x]], #8\n\t"                                                       \
    "smlad %[s2], %[w0], %[x0], %[s2]\n\t"                                                    \
    "smlad %[s6], %[w1], %[x0], %[s6]\n\t"                                                    \
    "smlad %[s3], %[w0], %[x1], %[s3]\n\t"                                                    \
    "smlad %[s7], %[w1], %[x1], %[s7]\n\t"

#endif

/* Of channel 0 the pixels 0 to 3, then of channel 1. Handed about by value, so that it can stay in
 * registers. */
typedef struct {
    int32_t s0, s1, s2, s3, s4, s5, s6, s7;
} ek_sums;

/* `bias` plus the products of each channel's weights and each pixel's inputs over `pairs` (even)
 * pairs. weights: [pairs][2 channels], inputs: [pairs][4 pixels], each word two int16. */
static inline ek_sums ek_block_4x2(int32_t bias0, int32_t bias1, const uint32_t *weights,
                                   const uint32_t *inputs, int32_t pairs) {
    int32_t s0 = bias0, s1 = bias0, s2 = bias0, s3 = bias0;
    int32_t s4 = bias1, s5 = bias1, s6 = bias1, s7 = bias1;
#if EK_DSP_ASM
    /* Where the loop by eight pairs ends, and the rest by two. No register is left to hold them
     * through the loop: they wait on the stack. */
    const uint32_t *w0 = weights + (pairs & ~7) * 2;
    const uint32_t *x0 = weights + pairs * 2;
    uint32_t w1, x1;
    __asm__ volatile(
        "str %[w0], [sp, #-8]!\n\t"
        "str %[x0], [sp, #4]\n\t"
        "cmp %[w], %[w0]\n\t"
        "beq 2f\n"
        "1:\n\t" EK_PAIR EK_PAIR EK_PAIR EK_PAIR EK_PAIR EK_PAIR EK_PAIR EK_PAIR
        "ldr %[w0], [sp]\n\t"
        "cmp %[w], %[w0]\n\t"
        "bne 1b\n"
        "2:\n\t"
        "ldr %[w0], [sp, #4]\n\t"
        "cmp %[w], %[w0]\n\t"
        "beq 4f\n"
        "3:\n\t" EK_PAIR EK_PAIR
        "ldr %[w0], [sp, #4]\n\t"
        "cmp %[w], %[w0]\n\t"
        "bne 3b\n"
        "4:\n\t"
        "add sp, sp, #8\n\t"
        : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [s4] "+r"(s4),
          [s5] "+r"(s5), [s6] "+r"(s6), [s7] "+r"(s7), [w] "+r"(weights), [x] "+r"(inputs),
          [w0] "+r"(w0), [w1] "=&r"(w1), [x0] "+r"(x0), [x1] "=&r"(x1)
        :
        : "cc", "memory");
#else
    for (int32_t k = 0; k < pairs; k++, weights += 2, inputs += 4) {
        s0 = ek_smlad(weights[0], inputs[0], s0);
        s1 = ek_smlad(weights[0], inputs[1], s1);
        s2 = ek_smlad(weights[0], inputs[2], s2);
        s3 = ek_smlad(weights[0], inputs[3], s3);
        s4 = ek_smlad(weights[1], inputs[0], s4);
        s5 = ek_smlad(weights[1], inputs[1], s5);
        s6 = ek_smlad(weights[1], inputs[2], s6);
        s7 = ek_smlad(weights[1], inputs[3], s7);
    }
#endif
    const ek_sums sums = {s0, s1, s2, s3, s4, s5, s6, s7};
    return sums;
}

#endif
