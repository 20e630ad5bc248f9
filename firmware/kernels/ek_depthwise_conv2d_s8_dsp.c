#include "ek_depthwise_conv2d_s8_dsp.h"

#include <stddef.h>
#include <string.h>

#include "ek_rescale_dsp.h"

typedef ek_depthwise_conv2d_s8_dsp_params params;

/* Four channels of a column, `rows` of them `line` bytes apart, widened to four runs of int16 that
 * start `size` apart. */
static void widen_four(const int8_t *in, int32_t line, int32_t rows, int16_t *to, int32_t size) {
    for (; rows >= 2; rows -= 2, in += 2 * line, to += 2) {
        const uint32_t a = ek_load32(in), b = ek_load32(in + line);
        const uint32_t first = ek_pack_low(a, b), last = ek_pack_high(a, b);
        ek_store32(to, ek_sxtb16(first));
        ek_store32(to + size, ek_sxtb16_odd(first));
        ek_store32(to + 2 * size, ek_sxtb16(last));
        ek_store32(to + 3 * size, ek_sxtb16_odd(last));
    }
    for (int32_t i = 0; rows > 0 && i < 4; i++) {
        to[i * size] = in[i];
    }
}

static void widen(int32_t channels, const int8_t *in, int32_t line, int32_t rows, int16_t *to,
                  int32_t size) {
    if (channels == 4) {
        widen_four(in, line, rows, to, size);
        return;
    }
    for (; rows > 0; rows--, in += line, to++) {
        *to = *in;
    }
}

/* What a channel needs. `runs` holds the weights of each column of the kernel by pairs. */
typedef struct {
    const uint32_t *runs;
    int32_t pairs, bias;
    ek_layer_rescale l;
    ek_channel_rescale r;
} channel;

/* Sums for two outputs, which share the weights. */
typedef struct {
    int32_t first, second;
} two;

static EK_INLINE two add_pair(const int16_t *a, const int16_t *b, uint32_t w, two sum) {
    const two more = {ek_smlad(ek_load32(a), w, sum.first), ek_smlad(ek_load32(b), w, sum.second)};
    return more;
}

/* `pairs` products of a column. */
static EK_INLINE two add_column(const int16_t *a, const int16_t *b, const uint32_t *w,
                                int32_t pairs, two sum) {
    for (; pairs >= 4; pairs -= 4, a += 8, b += 8, w += 4) {
        sum = add_pair(a, b, w[0], sum);
        sum = add_pair(a + 2, b + 2, w[1], sum);
        sum = add_pair(a + 4, b + 4, w[2], sum);
        sum = add_pair(a + 6, b + 6, w[3], sum);
    }
    for (; pairs > 0; pairs--, a += 2, b += 2, w++) {
        sum = add_pair(a, b, *w, sum);
    }
    return sum;
}

/* A column of outputs, two at a time. `fixed` is 2 or 3 where the kernel is one column of as many
 * pairs, else 0. `wide` asks for the rescaling without an activation. */
static EK_INLINE void outputs(const params *p, const int16_t *at, const channel *k, int8_t *out,
                              const int fixed, const int wide) {
    const int32_t line = p->out_w * p->in_c, low = p->stride_h, step = 2 * low;
    const int32_t column = p->dilation_w * p->plane_h, pairs = k->pairs, bias = k->bias;
    const uint32_t *w = k->runs;
    const uint32_t w0 = w[0], w1 = fixed ? w[1] : 0, w2 = fixed == 3 ? w[2] : 0;
    for (int32_t y = p->out_h; y > 0; y -= 2, at += step, out += 2 * line) {
        /* An odd last row: the one below it is written first, to the same place. */
        int8_t *below = y > 1 ? out + line : out;
        two sum = {bias, bias};
        if (fixed) {
            sum = add_pair(at, at + low, w0, sum);
            sum = add_pair(at + 2, at + low + 2, w1, sum);
            sum = fixed == 3 ? add_pair(at + 4, at + low + 4, w2, sum) : sum;
        } else {
            const int16_t *a = at;
            const uint32_t *run = w;
            for (int32_t x = p->kernel_w; x > 0; x--, a += column, run += pairs) {
                sum = add_column(a, a + low, run, pairs, sum);
            }
        }
        if (wide) {
            *below = ek_rescale_wide(k->r, sum.second);
            *out = ek_rescale_wide(k->r, sum.first);
        } else {
            *below = ek_rescale_full(k->l, k->r, sum.second);
            *out = ek_rescale_full(k->l, k->r, sum.first);
        }
    }
}

static void one_channel(const params *p, const int16_t *plane, const channel *k, int8_t *out) {
    const int is_wide = k->r.shift < -32 && k->l.low == INT8_MIN && k->l.high == INT8_MAX;
    for (int32_t x = 0; x < p->out_w; x++, out += p->in_c, plane += p->stride_w * p->plane_h) {
        if (!is_wide) {
            outputs(p, plane, k, out, 0, 0);
        } else if (p->kernel_w == 1 && k->pairs == 2) {
            outputs(p, plane, k, out, 2, 1);
        } else if (p->kernel_w == 1 && k->pairs == 3) {
            outputs(p, plane, k, out, 3, 1);
        } else {
            outputs(p, plane, k, out, 0, 1);
        }
    }
}

static void some_channels(const params *p, int32_t c, const int8_t *in, int8_t *out,
                          int16_t *planes, int16_t *runs) {
    const int32_t size = p->plane_h * p->plane_w, pairs = (p->kernel_h + 1) / 2;
    const int32_t run = pairs * 2, weights = p->kernel_w * run;
    int16_t *to = planes + p->pad_w * p->plane_h + p->pad_h;
    for (int32_t x = 0; x < p->in_w; x++, to += p->plane_h) {
        widen(p->planes, in + c + x * p->in_c, p->in_w * p->in_c, p->in_h, to, size);
    }
    for (int32_t x = 0; x < p->kernel_w; x++) {
        widen(p->planes, p->weights + c + x * p->in_c, p->kernel_w * p->in_c, p->kernel_h,
              runs + x * run, weights);
    }
    for (int32_t i = 0; i < p->planes; i++) {
        const ek_layer_rescale l = {p->out_zero, p->low, p->high};
        channel k = {(const uint32_t *)(const void *)(runs + i * weights),
                     pairs, p->bias[c + i], l,
                     ek_rescale_of(l, p->multipliers[c + i], p->shifts[c + i])};
        if (k.r.shift > 0) {
            k.r.shift = -32 - k.r.shift; /* the signed way serves as well */
        }
        one_channel(p, planes + i * size, &k, out + c + i);
    }
}

void ek_depthwise_conv2d_s8_dsp(const params *p, const int8_t *in, int8_t *out, void *scratch) {
    const int32_t size = p->plane_h * p->plane_w * p->planes;
    int16_t *planes = scratch, *runs = planes + size;
    for (int32_t i = 0; i < size; i++) {
        planes[i] = (int16_t)p->in_zero; /* the border stays so */
    }
    /* An odd kernel's last weights have no partner. */
    memset(runs, 0, (size_t)((p->kernel_h + 1) / 2 * 4 * p->kernel_w * p->planes));
    for (int32_t n = 0; n < p->batches; n++) {
        for (int32_t c = 0; c < p->in_c; c += p->planes) {
            some_channels(p, c, in, out, planes, runs);
        }
        in += p->in_h * p->in_w * p->in_c;
        out += p->out_h * p->out_w * p->in_c;
    }
}
