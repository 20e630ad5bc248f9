#include "ek_depthwise_3x3_s8_dsp.h"

#include <stddef.h>

#include "ek_rescale_dsp.h"

typedef ek_depthwise_3x3_s8_dsp_params params;

#define COLUMN 8 /* words of a strip's column: 4 channels of (r0, r2) and (r1, r3) */

/* What a channel needs: of each column of the kernel the weights (0, 2), and 1 in pairs. Where the
 * rescaling is short, all are shifted left already: the shift is out of the loop. */
typedef struct {
    uint32_t outer0, outer1, outer2;
    uint32_t middle01, middle2; /* the high half of middle2 is free for a count */
    int32_t bias;
    ek_channel_rescale r;
} channel;

static inline uint32_t pair(int32_t low, int32_t high) {
    return (uint32_t)(uint16_t)low | (uint32_t)high << 16;
}

static inline uint32_t shifted(uint32_t halves, int32_t left) {
    return (uint16_t)(halves << left) | (halves & UINT32_C(0xffff0000)) << left;
}

/* Of four channels the weights at two taps, one word each. */
static inline void four_pairs(const int8_t *low, const int8_t *high, uint32_t w[4]) {
    const uint32_t a = ek_load32(low), b = ek_load32(high);
    const uint32_t first = ek_pack_low(a, b), last = ek_pack_high(a, b);
    w[0] = ek_sxtb16(first);
    w[1] = ek_sxtb16_odd(first);
    w[2] = ek_sxtb16(last);
    w[3] = ek_sxtb16_odd(last);
}

static void set_channels(const params *p, int32_t c, ek_layer_rescale l, channel *k) {
    const int32_t row = p->weight_row, col = p->weight_col;
    const int8_t *w = p->weights + c;
    uint32_t pairs[5][4];
    four_pairs(w, w + 2 * row, pairs[0]);
    four_pairs(w + col, w + col + 2 * row, pairs[1]);
    four_pairs(w + 2 * col, w + 2 * col + 2 * row, pairs[2]);
    four_pairs(w + row, w + row + col, pairs[3]);
    four_pairs(w + row + 2 * col, w + row + 2 * col, pairs[4]);
    for (int32_t i = 0; i < 4; i++, k++) {
        k->r = ek_rescale_of(l, p->multipliers[c + i], p->shifts[c + i]);
        const int32_t left = k->r.shift > 0 ? k->r.shift : 0;
        k->outer0 = shifted(pairs[0][i], left);
        k->outer1 = shifted(pairs[1][i], left);
        k->outer2 = shifted(pairs[2][i], left);
        k->middle01 = shifted(pairs[3][i], left);
        k->middle2 = (uint16_t)(pairs[4][i] << left);
        k->bias = (int32_t)((uint32_t)p->bias[c + i] << left);
    }
}

static inline int8_t rescale(const channel *k, ek_layer_rescale l, int32_t x) {
    if (k->r.shift > 0) {
        return (int8_t)ek_ssat8_shifted(ek_smmla(x, k->r.multiplier, k->r.rounding));
    }
    return ek_rescale_full(l, k->r, x);
}

/* The sum of the first of the two rows that a strip holds. */
static inline int32_t upper(const channel *k, const uint32_t *s) {
    int32_t y = ek_smlabb(s[1], k->middle01, ek_smlad(s[0], k->outer0, k->bias));
    y = ek_smlabt(s[COLUMN + 1], k->middle01, ek_smlad(s[COLUMN], k->outer1, y));
    return ek_smlabb(s[2 * COLUMN + 1], k->middle2, ek_smlad(s[2 * COLUMN], k->outer2, y));
}

static inline int32_t lower(const channel *k, const uint32_t *s) {
    int32_t y = ek_smlatb(s[0], k->middle01, ek_smlad(s[1], k->outer0, k->bias));
    y = ek_smlatt(s[COLUMN], k->middle01, ek_smlad(s[COLUMN + 1], k->outer1, y));
    return ek_smlatb(s[2 * COLUMN], k->middle2, ek_smlad(s[2 * COLUMN + 1], k->outer2, y));
}

/* Any rescaling; `low_out` NULL for a single row. */
static void rows_any(const params *p, const channel *k, ek_layer_rescale l, const uint32_t *strip,
                     int8_t *out, int8_t *low_out) {
    for (int32_t x = 0; x < p->out_cols; x++, strip += p->stride * COLUMN) {
        out[x * p->out_col] = rescale(k, l, upper(k, strip));
        if (low_out != NULL) {
            low_out[x * p->out_col] = rescale(k, l, lower(k, strip));
        }
    }
}

#if EK_DSP_ASM

/* Two rows of a shifted channel, a column of output in 25 instructions. All 14 registers are used:
 * multiplier and rounding wait on the stack, the count stands above the last middle weight. */
static EK_NOINLINE void two_rows(const channel *k, const uint32_t *strip, int8_t *out,
                                 int32_t line, int32_t step, int32_t count) {
    uint32_t even, odd, middle2 = k->middle2 | (uint32_t)(count - 1) << 16;
    int32_t top = k->r.multiplier, low = k->r.rounding;
    __asm__ volatile(
        "strd %[top], %[low], [sp, #-8]!\n"
        "1:\n\t"
        "ldrd %[even], %[odd], [%[strip]], #32\n\t"
        "smlad %[top], %[even], %[outer0], %[bias]\n\t"
        "smlad %[low], %[odd], %[outer0], %[bias]\n\t"
        "smlabb %[top], %[odd], %[middle01], %[top]\n\t"
        "smlatb %[low], %[even], %[middle01], %[low]\n\t"
        "ldrd %[even], %[odd], [%[strip]]\n\t"
        "smlad %[top], %[even], %[outer1], %[top]\n\t"
        "smlad %[low], %[odd], %[outer1], %[low]\n\t"
        "smlabt %[top], %[odd], %[middle01], %[top]\n\t"
        "smlatt %[low], %[even], %[middle01], %[low]\n\t"
        "ldrd %[even], %[odd], [%[strip], #32]\n\t"
        "smlad %[top], %[even], %[outer2], %[top]\n\t"
        "smlad %[low], %[odd], %[outer2], %[low]\n\t"
        "smlabb %[top], %[odd], %[middle2], %[top]\n\t"
        "smlatb %[low], %[even], %[middle2], %[low]\n\t"
        "ldrd %[even], %[odd], [sp]\n\t"
        "smmla %[top], %[top], %[even], %[odd]\n\t"
        "smmla %[low], %[low], %[even], %[odd]\n\t"
        "ssat %[top], #8, %[top], asr #12\n\t"
        "ssat %[low], #8, %[low], asr #12\n\t"
        "strb %[top], [%[out]]\n\t"
        "strb %[low], [%[out], %[line]]\n\t"
        "add %[out], %[out], %[step]\n\t"
        "subs %[middle2], %[middle2], #0x10000\n\t"
        "bcs 1b\n\t"
        "add sp, sp, #8"
        : [top] "+r"(top), [low] "+r"(low), [even] "=&r"(even), [odd] "=&r"(odd),
          [strip] "+r"(strip), [out] "+r"(out), [middle2] "+r"(middle2)
        : [outer0] "r"(k->outer0), [outer1] "r"(k->outer1), [outer2] "r"(k->outer2),
          [middle01] "r"(k->middle01), [bias] "r"(k->bias), [line] "r"(line), [step] "r"(step)
        : "cc", "memory");
}

/* One row of a shifted channel. The strip's columns are SECOND and THIRD bytes from where the
 * first load of NEXT, an output's distance, has left the pointer. */
#define EK_ONE_ROW(NEXT, SECOND, THIRD)                                                       \
    "1:\n\t"                                                                                  \
    "ldrd %[even], %[odd], [%[strip]], " NEXT "\n\t"                                          \
    "smlad %[sum], %[even], %[outer0], %[bias]\n\t"                                           \
    "smlabb %[sum], %[odd], %[middle01], %[sum]\n\t"                                          \
    "ldrd %[even], %[odd], [%[strip], " SECOND "]\n\t"                                        \
    "smlad %[sum], %[even], %[outer1], %[sum]\n\t"                                            \
    "smlabt %[sum], %[odd], %[middle01], %[sum]\n\t"                                          \
    "ldrd %[even], %[odd], [%[strip], " THIRD "]\n\t"                                         \
    "smlad %[sum], %[even], %[outer2], %[sum]\n\t"                                            \
    "smlabb %[sum], %[odd], %[middle2], %[sum]\n\t"                                           \
    "smmla %[sum], %[sum], %[multiplier], %[rounding]\n\t"                                    \
    "ssat %[sum], #8, %[sum], asr #12\n\t"                                                    \
    "strb %[sum], [%[out]]\n\t"                                                               \
    "add %[out], %[out], %[step]\n\t"                                                         \
    "subs %[middle2], %[middle2], #0x10000\n\t"                                               \
    "bcs 1b"

#define EK_ONE_ROW_OPERANDS                                                                   \
    [sum] "=&r"(sum), [even] "=&r"(even), [odd] "=&r"(odd), [strip] "+r"(strip),              \
        [out] "+r"(out), [middle2] "+r"(middle2)                                              \
        : [outer0] "r"(k->outer0), [outer1] "r"(k->outer1), [outer2] "r"(k->outer2),          \
          [middle01] "r"(k->middle01), [bias] "r"(k->bias), [step] "r"(step),                 \
          [multiplier] "r"(k->r.multiplier), [rounding] "r"(k->r.rounding)                    \
        : "cc", "memory"

static EK_NOINLINE void one_row(const channel *k, const uint32_t *strip, int8_t *out,
                                int32_t stride, int32_t step, int32_t count) {
    uint32_t even, odd, middle2 = k->middle2 | (uint32_t)(count - 1) << 16;
    int32_t sum;
    if (stride == 1) {
        __asm__ volatile(EK_ONE_ROW("#32", "#0", "#32") : EK_ONE_ROW_OPERANDS);
    } else {
        __asm__ volatile(EK_ONE_ROW("#64", "#-32", "#0") : EK_ONE_ROW_OPERANDS);
    }
}

#endif

static void rows_of(const params *p, const channel *k, ek_layer_rescale l, const uint32_t *strip,
                    int8_t *out, int8_t *low_out) {
#if EK_DSP_ASM
    if (k->r.shift > 0 && low_out != NULL) {
        two_rows(k, strip, out, p->out_row, p->out_col, p->out_cols);
        return;
    }
    if (k->r.shift > 0) {
        one_row(k, strip, out, p->stride, p->out_col, p->out_cols);
        return;
    }
#endif
    rows_any(p, k, l, strip, out, low_out);
}

/* Where the four channels of a row's columns are found. */
typedef struct {
    const uint8_t *at;
    int32_t step;
} line;

static line line_of(const params *p, const int8_t *in, int32_t row, const uint32_t *outside) {
    line found = {(const uint8_t *)outside, 0};
    if (row >= 0 && row < p->in_rows) {
        found.at = (const uint8_t *)in + row * p->in_row;
        found.step = p->in_col;
    }
    return found;
}

static void keep_rows(line upper_row, line lower_row, uint32_t *kept, int32_t count) {
    for (; count > 0; count--, kept += 2) {
        kept[0] = ek_load32(upper_row.at);
        kept[1] = ek_load32(lower_row.at);
        upper_row.at += upper_row.step;
        lower_row.at += lower_row.step;
    }
}

/* The strip of the two rows kept and the next two, which are kept for the strip after it: by then
 * they may be overwritten. */
static void fill_strip(line third, line fourth, uint32_t *kept, uint32_t *strip, int32_t count) {
#if EK_DSP_ASM
    uint32_t r0, r1, r2, r3, even, odd;
    __asm__ volatile(
        "1:\n\t"
        "ldrd %[r0], %[r1], [%[kept]]\n\t"
        "ldr %[r2], [%[third]]\n\t"
        "ldr %[r3], [%[fourth]]\n\t"
        "add %[third], %[third], %[third_step]\n\t"
        "add %[fourth], %[fourth], %[fourth_step]\n\t"
        "strd %[r2], %[r3], [%[kept]], #8\n\t"
        "pkhbt %[even], %[r0], %[r2], lsl #16\n\t"
        "pkhbt %[odd], %[r1], %[r3], lsl #16\n\t"
        "pkhtb %[r2], %[r2], %[r0], asr #16\n\t"
        "pkhtb %[r3], %[r3], %[r1], asr #16\n\t"
        "sxtb16 %[r0], %[even]\n\t"
        "sxtb16 %[r1], %[odd]\n\t"
        "sxtb16 %[even], %[even], ror #8\n\t"
        "sxtb16 %[odd], %[odd], ror #8\n\t"
        "strd %[r0], %[r1], [%[strip]], #32\n\t"
        "strd %[even], %[odd], [%[strip], #-24]\n\t"
        "sxtb16 %[r0], %[r2]\n\t"
        "sxtb16 %[r1], %[r3]\n\t"
        "sxtb16 %[r2], %[r2], ror #8\n\t"
        "sxtb16 %[r3], %[r3], ror #8\n\t"
        "strd %[r0], %[r1], [%[strip], #-16]\n\t"
        "strd %[r2], %[r3], [%[strip], #-8]\n\t"
        "subs %[count], %[count], #1\n\t"
        "bne 1b"
        : [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3), [even] "=&r"(even),
          [odd] "=&r"(odd), [kept] "+r"(kept), [strip] "+r"(strip), [count] "+r"(count),
          [third] "+r"(third.at), [fourth] "+r"(fourth.at)
        : [third_step] "r"(third.step), [fourth_step] "r"(fourth.step)
        : "cc", "memory");
#else
    for (; count > 0; count--, kept += 2, strip += COLUMN) {
        const uint32_t r2 = ek_load32(third.at), r3 = ek_load32(fourth.at);
        const uint32_t even = ek_pack_low(kept[0], r2), odd = ek_pack_low(kept[1], r3);
        const uint32_t even_high = ek_pack_high(kept[0], r2), odd_high = ek_pack_high(kept[1], r3);
        const uint32_t column[COLUMN] = {
            ek_sxtb16(even),      ek_sxtb16(odd),      ek_sxtb16_odd(even),
            ek_sxtb16_odd(odd),   ek_sxtb16(even_high), ek_sxtb16(odd_high),
            ek_sxtb16_odd(even_high), ek_sxtb16_odd(odd_high),
        };
        memcpy(strip, column, sizeof column);
        third.at += third.step;
        fourth.at += fourth.step;
        kept[0] = r2;
        kept[1] = r3;
    }
#endif
}

/* Four channels of an image. */
static void four_channels(const params *p, const channel *k, ek_layer_rescale l, const int8_t *in,
                          int8_t *out, uint32_t *strip, int32_t width) {
    const uint32_t outside = (uint8_t)p->in_zero * UINT32_C(0x01010101);
    const int32_t room = width - p->pad_col;
    const int32_t count = p->in_cols < room ? p->in_cols : room;
    const int32_t at_once = p->stride == 1 ? 2 : 1;
    uint32_t *kept = strip + width * COLUMN, *inner = strip + p->pad_col * COLUMN;
    int32_t row = -p->pad_row;
    keep_rows(line_of(p, in, row, &outside), line_of(p, in, row + 1, &outside), kept, count);
    for (int32_t y = 0; y < p->out_rows; y += at_once, out += at_once * p->out_row) {
        row += 2;
        fill_strip(line_of(p, in, row, &outside), line_of(p, in, row + 1, &outside), kept, inner,
                   count);
        int8_t *low = at_once == 2 && y + 1 < p->out_rows ? out + p->out_row : NULL;
        for (int32_t i = 0; i < 4; i++) {
            rows_of(p, &k[i], l, strip + 2 * i, out + i, low == NULL ? NULL : low + i);
        }
    }
}

void ek_depthwise_3x3_s8_dsp(const ek_depthwise_3x3_s8_dsp_params *p, const int8_t *in,
                             int8_t *out, void *scratch) {
    const ek_layer_rescale l = {p->out_zero, p->low, p->high};
    const int32_t width = (p->out_cols - 1) * p->stride + 3;
    uint32_t *strip = scratch;
    for (int32_t i = 0; i < width * COLUMN; i++) {
        strip[i] = pair(p->in_zero, p->in_zero); /* the border stays so */
    }
    for (int32_t c = 0; c < p->channels; c += 4) {
        channel k[4];
        set_channels(p, c, l, k);
        for (int32_t n = 0; n < p->batches; n++) {
            four_channels(p, k, l, in + n * p->in_rows * p->in_cols * p->channels + c,
                          out + n * p->out_rows * p->out_cols * p->channels + c, strip, width);
        }
    }
}
