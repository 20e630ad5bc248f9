/* What the kernels for Helium (Armv8.1-M MVE) share, each with the same in portable C, so that the
 * kernels run and are tested on any machine. */
#ifndef EK_MVE_H
#define EK_MVE_H

#include <stdint.h>
#include <string.h>

#include "ek_requantize.h"

#if defined(__ARM_FEATURE_MVE) && (defined(__GNUC__) || defined(__clang__))
#define EK_MVE 1
#include <arm_mve.h>
#else
#define EK_MVE 0
#endif

/* For functions whose assembler takes all registers: inlined, a compiler may have none to spare. */
#if defined(__GNUC__)
#define EK_ALONE __attribute__((noinline)) static
#else
#define EK_ALONE static
#endif

/* A layer's output. `ties`: 0 where the zero point is the activation's least value or below it, so
 * that how a negative half is rounded is never seen. */
typedef struct {
    int32_t zero, low, high, ties;
} ek_layer_mve;

/* n bytes, n > 0; the two do not overlap. */
static inline void ek_copy_mve(int8_t *to, const int8_t *from, int32_t n) {
#if EK_MVE
    __asm__ volatile(
        "dlstp.8 lr, %[n]\n"
        "1:\n\t"
        "vldrb.8 q0, [%[from]], #16\n\t"
        "vstrb.8 q0, [%[to]], #16\n\t"
        "letp lr, 1b\n\t"
        : [to] "+&r"(to), [from] "+&r"(from)
        : [n] "r"(n)
        : "q0", "lr", "memory");
#else
    memcpy(to, from, (size_t)n);
#endif
}

#if EK_MVE

/* TFLite's rescaling of four sums, shifts <= 0. VRSHL rounds halves up, TFLite away from zero: a
 * negative number that is shifted has one subtracted first. */
static inline int32x4_t ek_rescale_mve(int32x4_t x, int32x4_t multipliers, int32x4_t shifts,
                                       int32_t ties) {
    x = vqrdmulhq_s32(x, multipliers);
    if (ties) {
        x = vqaddq_s32(x, vshrq_n_s32(vandq_s32(x, shifts), 31));
    }
    return vrshlq_s32(x, shifts);
}

static inline int32x4_t ek_clamp_mve(int32x4_t x, ek_layer_mve l) {
    x = vaddq_n_s32(x, l.zero);
    return vminq_s32(vmaxq_s32(x, vdupq_n_s32(l.low)), vdupq_n_s32(l.high));
}

#endif

/* The first n of four sums to int8; each has its bias, multiplier and shift <= 0. */
static inline void ek_store4_mve(const int32_t *sums, const int32_t *bias,
                                 const int32_t *multipliers, const int32_t *shifts, ek_layer_mve l,
                                 int8_t *out, int32_t n) {
#if EK_MVE
    int32x4_t x = vaddq_s32(vldrwq_s32(sums), vldrwq_s32(bias));
    x = ek_rescale_mve(x, vldrwq_s32(multipliers), vldrwq_s32(shifts), l.ties);
    vstrbq_p_s32(out, ek_clamp_mve(x, l), vctp32q((uint32_t)n));
#else
    for (int32_t i = 0; i < n && i < 4; i++) {
        int32_t x = ek_requantize(ek_wrap_add(sums[i], bias[i]), multipliers[i], shifts[i]);
        out[i] = ek_clamp_s8(ek_wrap_add(x, l.zero), l.low, l.high);
    }
#endif
}

#endif
