/* The heart of convolution on the DSP extension: 4 pixels times 2 output channels in registers.
 *
 * All 14 free registers are used: 8 sums, 2 weights, 2 activations, 2 pointers. A pair of inputs
 * costs 3 LDRD and 8 SMLAD, 11 instructions for 16 products. */
#ifndef EK_BLOCK_DSP_H
#define EK_BLOCK_DSP_H

#include <stdint.h>

#include "ek_dsp.h"

#if defined(__GNUC__)
#define EK_NOINLINE __attribute__((noinline))
#else
#define EK_NOINLINE
#endif

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

/* A sum to int8: shift, multiplier, rounding. */
#define EK_SHORT(sum, shift, multiplier, rounding)                                            \
    "lsl %[" sum "], %[" sum "], %[" shift "]\n\t"                                            \
    "smmla %[" sum "], %[" sum "], %[" multiplier "], %[" rounding "]\n\t"                    \
    "ssat %[" sum "], #8, %[" sum "], asr #12\n\t"

/* The same where a negative sum takes another rounding. */
#define EK_SIGNED(sum, shift, multiplier, rounding, negative)                                 \
    "lsls %[" sum "], %[" sum "], %[" shift "]\n\t"                                           \
    "ite mi\n\t"                                                                              \
    "smmlami %[" sum "], %[" sum "], %[" multiplier "], %[" negative "]\n\t"                  \
    "smmlapl %[" sum "], %[" sum "], %[" multiplier "], %[" rounding "]\n\t"                  \
    "ssat %[" sum "], #8, %[" sum "], asr #12\n\t"

#endif

/* Two channels over `blocks` blocks of four pixels, rescaled as ek_rescale_dsp.h has it: `shift` is
 * the left shift of the short way, minus that of the signed one, for both channels alike. 0 asks for
 * the sums of one block as they are, [2 channels][4 pixels] int32. */
typedef struct {
    const uint32_t *weights; /* [pairs][2 channels], each word two int16 */
    const uint32_t *end8;    /* where the loop by eight pairs ends, */
    const uint32_t *end;     /* and the rest, by two */
    int32_t bias0, bias1;
    int32_t shift0, multiplier0, rounding0;
    int32_t shift1, multiplier1, rounding1;
    void *out;    /* int8: channel 0 of the first pixel */
    int32_t step; /* from pixel to pixel */
    int32_t blocks;
    int32_t negative0, negative1; /* the signed way's roundings of negative sums */
} ek_block_frame;

/* inputs: [blocks][pairs][4 pixels], each word two int16. `frame` is used up. */
static EK_NOINLINE void ek_blocks_4x2(ek_block_frame *frame, const uint32_t *inputs) {
#if EK_DSP_ASM
    int32_t s0, s1, s2, s3, s4, s5, s6, s7;
    uint32_t w0, w1, x0, x1;
    /* No register is left for the loops' ends and the frame: they wait on the stack. */
    __asm__ volatile(
        "sub sp, sp, #16\n\t"
        "ldrd %[s0], %[s1], [%[w], #4]\n\t"
        "strd %[s0], %[s1], [sp]\n\t"
        "str %[w], [sp, #8]\n"
        "5:\n\t"
        "ldrd %[s0], %[s4], [%[w], #12]\n\t"
        "ldr %[w], [%[w]]\n\t"
        "ldr %[w0], [sp]\n\t"
        "mov %[s1], %[s0]\n\t"
        "mov %[s2], %[s0]\n\t"
        "mov %[s3], %[s0]\n\t"
        "mov %[s5], %[s4]\n\t"
        "mov %[s6], %[s4]\n\t"
        "mov %[s7], %[s4]\n\t"
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
        "ldr %[w], [sp, #8]\n\t"
        "ldrd %[w0], %[w1], [%[w], #20]\n\t"
        "ldr %[x0], [%[w], #28]\n\t"
        "ldr %[x1], [%[w], #44]\n\t"
        "cmp %[w0], #0\n\t"
        "beq 6f\n\t"
        "blt 8f\n\t" EK_SHORT("s0", "w0", "w1", "x0")
            EK_SHORT("s1", "w0", "w1", "x0") EK_SHORT("s2", "w0", "w1", "x0")
                EK_SHORT("s3", "w0", "w1", "x0")
        "ldr %[w0], [%[w], #48]\n\t"
        "strb %[s0], [%[x1]]\n\t"
        "add %[s0], %[w0], %[w0], lsl #1\n\t"
        "strb %[s1], [%[x1], %[w0]]\n\t"
        "strb %[s2], [%[x1], %[w0], lsl #1]\n\t"
        "strb %[s3], [%[x1], %[s0]]\n\t"
        "ldrd %[s1], %[s2], [%[w], #32]\n\t"
        "ldr %[s3], [%[w], #40]\n\t" EK_SHORT("s4", "s1", "s2", "s3")
            EK_SHORT("s5", "s1", "s2", "s3") EK_SHORT("s6", "s1", "s2", "s3")
                EK_SHORT("s7", "s1", "s2", "s3")
        "9:\n\t"
        "strb %[s4], [%[x1], #1]!\n\t"
        "strb %[s5], [%[x1], %[w0]]\n\t"
        "strb %[s6], [%[x1], %[w0], lsl #1]\n\t"
        "strb %[s7], [%[x1], %[s0]]\n\t"
        "add %[x1], %[x1], %[w0], lsl #2\n\t"
        "sub %[x1], %[x1], #1\n\t"
        "ldr %[w1], [%[w], #52]\n\t"
        "str %[x1], [%[w], #44]\n\t"
        "subs %[w1], %[w1], #1\n\t"
        "str %[w1], [%[w], #52]\n\t"
        "bne 5b\n\t"
        "b 7f\n"
        "8:\n\t"
        "rsb %[w0], %[w0], #0\n\t"
        "ldr %[x1], [%[w], #56]\n\t" EK_SIGNED("s0", "w0", "w1", "x0", "x1")
            EK_SIGNED("s1", "w0", "w1", "x0", "x1") EK_SIGNED("s2", "w0", "w1", "x0", "x1")
                EK_SIGNED("s3", "w0", "w1", "x0", "x1")
        "ldrd %[x1], %[w0], [%[w], #44]\n\t"
        "strb %[s0], [%[x1]]\n\t"
        "add %[s0], %[w0], %[w0], lsl #1\n\t"
        "strb %[s1], [%[x1], %[w0]]\n\t"
        "strb %[s2], [%[x1], %[w0], lsl #1]\n\t"
        "strb %[s3], [%[x1], %[s0]]\n\t"
        "ldrd %[s1], %[s2], [%[w], #32]\n\t"
        "ldr %[s3], [%[w], #40]\n\t"
        "ldr %[w1], [%[w], #60]\n\t"
        "rsb %[s1], %[s1], #0\n\t" EK_SIGNED("s4", "s1", "s2", "s3", "w1")
            EK_SIGNED("s5", "s1", "s2", "s3", "w1") EK_SIGNED("s6", "s1", "s2", "s3", "w1")
                EK_SIGNED("s7", "s1", "s2", "s3", "w1")
        "b 9b\n"
        "6:\n\t"
        "strd %[s0], %[s1], [%[x1]]\n\t"
        "strd %[s2], %[s3], [%[x1], #8]\n\t"
        "strd %[s4], %[s5], [%[x1], #16]\n\t"
        "strd %[s6], %[s7], [%[x1], #24]\n"
        "7:\n\t"
        "add sp, sp, #16\n\t"
        : [s0] "=&r"(s0), [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3), [s4] "=&r"(s4),
          [s5] "=&r"(s5), [s6] "=&r"(s6), [s7] "=&r"(s7), [w] "+r"(frame), [x] "+r"(inputs),
          [w0] "=&r"(w0), [w1] "=&r"(w1), [x0] "=&r"(x0), [x1] "=&r"(x1)
        :
        : "cc", "memory");
#else
    const int32_t bias[2] = {frame->bias0, frame->bias1};
    const int32_t shift[2] = {frame->shift0, frame->shift1};
    const int32_t multiplier[2] = {frame->multiplier0, frame->multiplier1};
    const int32_t rounding[2] = {frame->rounding0, frame->rounding1};
    const int32_t negative[2] = {frame->negative0, frame->negative1};
    for (; frame->blocks > 0; frame->blocks--, inputs += 2 * (frame->end - frame->weights)) {
        for (int i = 0; i < 8; i++) {
            const int c = i / 4, pixel = i % 4;
            int32_t sum = bias[c];
            for (int32_t k = 0; k < (frame->end - frame->weights) / 2; k++) {
                sum = ek_smlad(frame->weights[2 * k + c], inputs[4 * k + pixel], sum);
            }
            if (frame->shift0 == 0) {
                ((int32_t *)frame->out)[i] = sum;
                continue;
            }
            const int32_t left = shift[c] < 0 ? -shift[c] : shift[c];
            const int32_t add = shift[c] < 0 && sum < 0 ? negative[c] : rounding[c];
            const int32_t scaled = (int32_t)((uint32_t)sum << left);
            ((int8_t *)frame->out)[pixel * frame->step + c] =
                (int8_t)ek_ssat8_shifted(ek_smmla(scaled, multiplier[c], add));
        }
        frame->out = (int8_t *)frame->out + 4 * frame->step;
    }
#endif
}

#endif
