/* The Armv7E-M DSP instructions that the kernels use, each with the same in portable C, so that
 * the kernels run and are tested on any machine. Names are Arm's (Armv7-M ARM, A7.7). */
#ifndef EK_DSP_H
#define EK_DSP_H

#include <stdint.h>
#include <string.h>

#if defined(__ARM_FEATURE_DSP) && (defined(__GNUC__) || defined(__clang__))
#define EK_DSP_ASM 1
#else
#define EK_DSP_ASM 0
#endif

/* For what is only fast with its constant arguments known: compilers have budgets of their own. */
#if defined(__GNUC__)
#define EK_INLINE inline __attribute__((always_inline))
#define EK_NOINLINE __attribute__((noinline))
#else
#define EK_INLINE inline
#define EK_NOINLINE
#endif

/* In a freestanding program clang takes memcpy for any function and calls it for four bytes. */
#if defined(__GNUC__)
#define EK_COPY __builtin_memcpy
#else
#define EK_COPY memcpy
#endif

/* Four bytes at any address. */
static inline uint32_t ek_load32(const void *p) {
    uint32_t word;
    EK_COPY(&word, p, 4);
    return word;
}

static inline void ek_store32(void *p, uint32_t word) { EK_COPY(p, &word, 4); }

#if EK_DSP_ASM

/* Bytes 0 and 2 of x, sign-extended into halfwords. */
static inline uint32_t ek_sxtb16(uint32_t x) {
    uint32_t y;
    __asm__("sxtb16 %0, %1" : "=r"(y) : "r"(x));
    return y;
}

/* Bytes 1 and 3 of x, sign-extended into halfwords. */
static inline uint32_t ek_sxtb16_odd(uint32_t x) {
    uint32_t y;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(y) : "r"(x));
    return y;
}

/* acc + a.low * b.low + a.high * b.high, halfwords signed. */
static inline int32_t ek_smlad(uint32_t a, uint32_t b, int32_t acc) {
    int32_t y;
    __asm__("smlad %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(acc));
    return y;
}

/* acc + a.low * b.low. */
static inline int32_t ek_smlabb(uint32_t a, uint32_t b, int32_t acc) {
    int32_t y;
    __asm__("smlabb %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(acc));
    return y;
}

/* acc + a.high * b.low. */
static inline int32_t ek_smlatb(uint32_t a, uint32_t b, int32_t acc) {
    int32_t y;
    __asm__("smlatb %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(acc));
    return y;
}

/* acc + a.low * b.high. */
static inline int32_t ek_smlabt(uint32_t a, uint32_t b, int32_t acc) {
    int32_t y;
    __asm__("smlabt %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(acc));
    return y;
}

/* acc + a.high * b.high. */
static inline int32_t ek_smlatt(uint32_t a, uint32_t b, int32_t acc) {
    int32_t y;
    __asm__("smlatt %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(acc));
    return y;
}

/* a.low below b.low. */
static inline uint32_t ek_pack_low(uint32_t a, uint32_t b) {
    uint32_t y;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(y) : "r"(a), "r"(b));
    return y;
}

/* a.high below b.high. */
static inline uint32_t ek_pack_high(uint32_t a, uint32_t b) {
    uint32_t y;
    __asm__("pkhtb %0, %2, %1, asr #16" : "=r"(y) : "r"(a), "r"(b));
    return y;
}

/* Halfwords of acc plus bytes 0 and 2 of x. */
static inline uint32_t ek_sxtab16(uint32_t acc, uint32_t x) {
    uint32_t y;
    __asm__("sxtab16 %0, %1, %2" : "=r"(y) : "r"(acc), "r"(x));
    return y;
}

/* Halfwords of acc plus bytes 1 and 3 of x. */
static inline uint32_t ek_sxtab16_odd(uint32_t acc, uint32_t x) {
    uint32_t y;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(y) : "r"(acc), "r"(x));
    return y;
}

/* The larger of each two signed bytes. */
static inline uint32_t ek_max8(uint32_t a, uint32_t b) {
    uint32_t y;
    __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(y) : "r"(a), "r"(b) : "cc");
    return y;
}

/* acc + the high word of a * b. */
static inline int32_t ek_smmla(int32_t a, int32_t b, int32_t acc) {
    int32_t y;
    __asm__("smmla %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(acc));
    return y;
}

/* acc + the high word of a * b, rounded half up. */
static inline int32_t ek_smmlar(int32_t a, int32_t b, int32_t acc) {
    int32_t y;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(acc));
    return y;
}

/* x, held to the range of int8. */
static inline int32_t ek_ssat8(int32_t x) {
    int32_t y;
    __asm__("ssat %0, #8, %1" : "=r"(y) : "r"(x));
    return y;
}

/* x >> 12, held to the range of int8. */
static inline int32_t ek_ssat8_shifted(int32_t x) {
    int32_t y;
    __asm__("ssat %0, #8, %1, asr #12" : "=r"(y) : "r"(x));
    return y;
}

#else

static inline int32_t ek_low(uint32_t x) { return (int16_t)(uint16_t)x; }
static inline int32_t ek_high(uint32_t x) { return (int16_t)(uint16_t)(x >> 16); }

static inline uint32_t ek_sxtb16(uint32_t x) {
    const uint32_t low = (uint16_t)(int16_t)(int8_t)(uint8_t)x;
    const uint32_t high = (uint16_t)(int16_t)(int8_t)(uint8_t)(x >> 16);
    return low | high << 16;
}

static inline uint32_t ek_sxtb16_odd(uint32_t x) { return ek_sxtb16(x >> 8); }

static inline int32_t ek_sum(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t ek_smlad(uint32_t a, uint32_t b, int32_t acc) {
    return ek_sum(ek_sum(acc, ek_low(a) * ek_low(b)), ek_high(a) * ek_high(b));
}

static inline int32_t ek_smlabb(uint32_t a, uint32_t b, int32_t acc) {
    return ek_sum(acc, ek_low(a) * ek_low(b));
}

static inline int32_t ek_smlatb(uint32_t a, uint32_t b, int32_t acc) {
    return ek_sum(acc, ek_high(a) * ek_low(b));
}

static inline int32_t ek_smlabt(uint32_t a, uint32_t b, int32_t acc) {
    return ek_sum(acc, ek_low(a) * ek_high(b));
}

static inline int32_t ek_smlatt(uint32_t a, uint32_t b, int32_t acc) {
    return ek_sum(acc, ek_high(a) * ek_high(b));
}

static inline uint32_t ek_pack_low(uint32_t a, uint32_t b) { return (uint16_t)a | b << 16; }

static inline uint32_t ek_pack_high(uint32_t a, uint32_t b) {
    return a >> 16 | (b & UINT32_C(0xffff0000));
}

static inline uint32_t ek_sxtab16(uint32_t acc, uint32_t x) {
    const uint32_t y = ek_sxtb16(x);
    return (uint16_t)(acc + y) | ((acc >> 16) + (y >> 16)) << 16;
}

static inline uint32_t ek_sxtab16_odd(uint32_t acc, uint32_t x) {
    return ek_sxtab16(acc, x >> 8);
}

static inline uint32_t ek_max8(uint32_t a, uint32_t b) {
    uint32_t y = 0;
    for (int i = 0; i < 32; i += 8) {
        const uint32_t larger = (int8_t)(uint8_t)(a >> i) >= (int8_t)(uint8_t)(b >> i) ? a : b;
        y |= larger & UINT32_C(0xff) << i;
    }
    return y;
}

static inline int32_t ek_smmla(int32_t a, int32_t b, int32_t acc) {
    return ek_sum(acc, (int32_t)(((int64_t)a * b) >> 32));
}

static inline int32_t ek_smmlar(int32_t a, int32_t b, int32_t acc) {
    return ek_sum(acc, (int32_t)(((int64_t)a * b + (INT64_C(1) << 31)) >> 32));
}

static inline int32_t ek_ssat8(int32_t x) { return x < -128 ? -128 : x > 127 ? 127 : x; }

static inline int32_t ek_ssat8_shifted(int32_t x) { return ek_ssat8(x >> 12); }

#endif
#endif
