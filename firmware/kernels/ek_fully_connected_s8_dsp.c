/* A weight is used once here, so widening it first would cost more than it saves. Two channels
 * share a word instead: halfword = 256 * b + (a + 128), a and b of two channels and one input.
 * With x the inputs, sum x * halfword = 256 * B + A + 128 * X, and B alone comes from the odd bytes
 * by one SXTB16: three instructions for four products. The sums may wrap, A does not. */
#include "ek_fully_connected_s8_dsp.h"

#include "ek_dsp.h"
#include "ek_rescale_dsp.h"

/* Sums of four channels; `first` and `third` still hold 256 times their neighbour's. */
typedef struct {
    int32_t first, second, third, fourth;
} sums4;

static inline sums4 step(sums4 s, uint32_t x, uint32_t w01, uint32_t w23) {
    s.first = ek_smlad(x, w01, s.first);
    s.second = ek_smlad(x, ek_sxtb16_odd(w01), s.second);
    s.third = ek_smlad(x, w23, s.third);
    s.fourth = ek_smlad(x, ek_sxtb16_odd(w23), s.fourth);
    return s;
}

/* The last one to three inputs as a word, zeros behind them. */
static uint32_t load_tail(const int8_t *in, int32_t n) {
    uint32_t word = 0;
    for (int32_t i = 0; i < n; i++) {
        word |= (uint32_t)(uint8_t)in[i] << (8 * i);
    }
    return word;
}

static int32_t sum_of(const int8_t *in, int32_t n) {
    int32_t sum = 0;
    int32_t i = 0;
    for (; i + 4 <= n; i += 4) {
        const uint32_t four = ek_load32(in + i);
        sum = ek_smlad(ek_sxtb16(four), 0x00010001, sum);
        sum = ek_smlad(ek_sxtb16_odd(four), 0x00010001, sum);
    }
    for (; i < n; i++) {
        sum += in[i];
    }
    return sum;
}

static inline sums4 four_inputs(sums4 s, uint32_t four, const uint32_t *w) {
    s = step(s, ek_sxtb16(four), w[0], w[1]);
    return step(s, ek_sxtb16_odd(four), w[2], w[3]);
}

static sums4 four_channels(const int8_t *in, int32_t depth, const uint32_t *w) {
    sums4 s = {0, 0, 0, 0};
    const int8_t *end = in + (depth & ~7);
    for (; in < end; in += 8, w += 8) {
        s = four_inputs(s, ek_load32(in), w);
        s = four_inputs(s, ek_load32(in + 4), w + 4);
    }
    if (depth & 4) {
        s = four_inputs(s, ek_load32(in), w);
        in += 4, w += 4;
    }
    return depth & 3 ? four_inputs(s, load_tail(in, depth & 3), w) : s;
}

/* a - 256 * b - c modulo 2^32. */
static inline int32_t without(int32_t a, int32_t b, int32_t c) {
    return (int32_t)((uint32_t)a - ((uint32_t)b << 8) - (uint32_t)c);
}

static int8_t rescale(const ek_fully_connected_s8_dsp_params *p, ek_layer_rescale l,
                      int32_t channel, int32_t sum) {
    const int32_t q = p->per_channel ? channel : 0;
    const ek_channel_rescale r = ek_rescale_of(l, p->multipliers[q], p->shifts[q]);
    return ek_rescale(l, r, ek_wrap_add(sum, p->bias[channel]));
}

void ek_fully_connected_s8_dsp(const ek_fully_connected_s8_dsp_params *p, const int8_t *in,
                               int8_t *out) {
    const ek_layer_rescale l = {p->out_zero, p->low, p->high};
    const ek_channel_rescale one = ek_rescale_of(l, p->multipliers[0], p->shifts[0]);
    const int all_short = !p->per_channel && one.shift > 0;
    const int32_t words = (p->depth + 3) / 4 * 4;
    for (int32_t row = 0; row < p->rows; row++, in += p->depth) {
        const int32_t offset = 128 * sum_of(in, p->depth);
        const uint32_t *w = p->weights;
        const int32_t *bias = p->bias;
        for (int32_t o = 0; o < p->channels; o += 4, w += words, bias += 4) {
            const sums4 s = four_channels(in, p->depth, w);
            const int32_t first = without(s.first, s.second, offset);
            const int32_t third = without(s.third, s.fourth, offset);
            const int32_t left = p->channels - o;
            if (all_short && left >= 4) {
                out[0] = ek_rescale_short(one, ek_wrap_add(first, bias[0]));
                out[1] = ek_rescale_short(one, ek_wrap_add(s.second, bias[1]));
                out[2] = ek_rescale_short(one, ek_wrap_add(third, bias[2]));
                out[3] = ek_rescale_short(one, ek_wrap_add(s.fourth, bias[3]));
                out += 4;
                continue;
            }
            const int32_t sums[4] = {first, s.second, third, s.fourth};
            for (int32_t i = 0; i < 4 && i < left; i++) {
                *out++ = rescale(p, l, o + i, sums[i]);
            }
        }
    }
}
