#include "ek_conv2d_s8_dsp.h"

#include <stddef.h>
#include <string.h>

#include "ek_block_dsp.h"
#include "ek_rescale_dsp.h"
#include "ek_window.h"

/* int8 to int16, four at a time in the order 0, 2, 1, 3; words are `step` apart. */
static void widen(const int8_t *in, int32_t n, uint32_t *out, int32_t step) {
    for (int32_t i = 0; i < n; i += 4, out += 2 * step) {
        const uint32_t four = ek_load32(in + i);
        out[0] = ek_sxtb16(four);
        out[step] = ek_sxtb16_odd(four);
    }
}

/* The window that starts at (y0, x0) as one row of bytes; what lies outside is the zero point. */
static void gather(const ek_conv2d_s8_dsp_params *p, const int8_t *in, int32_t y0, int32_t x0,
                   int8_t *row) {
    const int32_t kx0 = ek_first_tap(x0, p->dilation_w);
    const int32_t kx1 = ek_end_tap(x0, p->dilation_w, p->kernel_w, p->in_w);
    const int32_t line = p->kernel_w * p->in_c;
    for (int32_t ky = 0; ky < p->kernel_h; ky++, row += line) {
        const int32_t y = y0 + ky * p->dilation_h;
        const int outside = y < 0 || y >= p->in_h || kx0 >= kx1;
        if (outside || kx1 - kx0 < p->kernel_w) {
            memset(row, p->in_zero, (size_t)line);
        }
        if (outside) {
            continue;
        }
        const int8_t *from = in + (y * p->in_w + x0) * p->in_c;
        if (p->dilation_w == 1) {
            const int32_t n = (kx1 - kx0) * p->in_c;
            for (int32_t i = 0; i < n; i++) {
                row[kx0 * p->in_c + i] = from[kx0 * p->in_c + i];
            }
            continue;
        }
        for (int32_t kx = kx0; kx < kx1; kx++) {
            memcpy(row + kx * p->in_c, from + kx * p->dilation_w * p->in_c, (size_t)p->in_c);
        }
    }
}

/* The columns of `pixels` output pixels from number `first` on; a last block that is not full
 * keeps old columns, whose sums are not stored. */
static void fill_columns(const ek_conv2d_s8_dsp_params *p, const int8_t *in, int32_t first,
                         int32_t pixels, uint32_t *columns, int8_t *row) {
    const int pointwise = row == NULL;
    for (int32_t i = 0; i < pixels; i++) {
        const int8_t *from = row;
        if (pointwise) {
            from = in + (first + i) * p->in_c;
        } else {
            const int32_t y = (first + i) / p->out_w;
            const int32_t x = (first + i) % p->out_w;
            gather(p, in, y * p->stride_h - p->pad_h, x * p->stride_w - p->pad_w, row);
        }
        widen(from, p->depth, columns + (i >> 2) * p->depth * 2 + (i & 3), 4);
    }
}

/* Any number of pixels up to four, any rescaling. */
static void store(ek_layer_rescale l, ek_channel_rescale r, const int32_t sums[4], int32_t pixels,
                  int8_t *out, int32_t step) {
    for (int32_t i = 0; i < pixels && i < 4; i++, out += step) {
        *out = ek_rescale(l, r, sums[i]);
    }
}

/* Weights of two channels, [pairs][2 channels], widened into `wide` unless they are already. */
static const uint32_t *channel_weights(const ek_conv2d_s8_dsp_params *p, int32_t channel,
                                       uint32_t *wide) {
    if (p->wide != NULL) {
        return p->wide + channel / 2 * p->depth;
    }
    const int32_t second = channel + 1 < p->out_c ? channel + 1 : channel;
    widen(p->weights + channel * p->depth, p->depth, wide, 2);
    widen(p->weights + second * p->depth, p->depth, wide + 1, 2);
    return wide;
}

static void tile(const ek_conv2d_s8_dsp_params *p, const uint32_t *columns, uint32_t *wide,
                 int32_t pixels, int8_t *out) {
    const int32_t step = p->out_c;
    const int32_t depth = p->depth;
    const ek_layer_rescale l = {p->out_zero, p->low, p->high};
    for (int32_t channel = 0; channel < step; channel += 2, out += 2) {
        const uint32_t *weights = channel_weights(p, channel, wide);
        const int32_t second = channel + 1 < step; /* 0: an odd last channel */
        const int32_t bias0 = p->bias[channel], bias1 = p->bias[channel + second];
        const ek_channel_rescale r0 = ek_rescale_of(l, p->multipliers[channel], p->shifts[channel]);
        const ek_channel_rescale r1 = ek_rescale_of(l, p->multipliers[channel + second],
                                                    p->shifts[channel + second]);
        const int both_short = second && r0.shift > 0 && r1.shift > 0;
        const uint32_t *block = columns;
        int8_t *to = out;
        for (int32_t left = pixels; left > 0; left -= 4, block += 2 * depth, to += 4 * step) {
            const ek_sums s = ek_block_4x2(bias0, bias1, weights, block, depth / 2);
            if (both_short && left >= 4) {
                int8_t *q = to;
                q[0] = ek_rescale_short(r0, s.s0), q[1] = ek_rescale_short(r1, s.s4);
                q += step;
                q[0] = ek_rescale_short(r0, s.s1), q[1] = ek_rescale_short(r1, s.s5);
                q += step;
                q[0] = ek_rescale_short(r0, s.s2), q[1] = ek_rescale_short(r1, s.s6);
                q += step;
                q[0] = ek_rescale_short(r0, s.s3), q[1] = ek_rescale_short(r1, s.s7);
                continue;
            }
            store(l, r0, (const int32_t[4]){s.s0, s.s1, s.s2, s.s3}, left, to, step);
            if (second) {
                store(l, r1, (const int32_t[4]){s.s4, s.s5, s.s6, s.s7}, left, to + 1, step);
            }
        }
    }
}

void ek_conv2d_s8_dsp(const ek_conv2d_s8_dsp_params *p, const int8_t *in, int8_t *out,
                      void *scratch) {
    uint32_t *columns = scratch;
    uint32_t *wide = columns + p->blocks * p->depth * 2;
    const int pointwise = p->kernel_h * p->kernel_w * p->stride_h * p->stride_w == 1 &&
                          p->in_c == p->depth;
    int8_t *row = pointwise ? NULL : (int8_t *)(p->wide == NULL ? wide + p->depth : wide);
    if (row != NULL) {
        memset(row, 0, (size_t)p->depth);
    }
    const int32_t all = p->out_h * p->out_w;
    for (int32_t n = 0; n < p->batches; n++, in += p->in_h * p->in_w * p->in_c) {
        for (int32_t first = 0; first < all; first += p->blocks * 4) {
            const int32_t left = all - first;
            const int32_t pixels = left < p->blocks * 4 ? left : p->blocks * 4;
            fill_columns(p, in, first, pixels, columns, row);
            tile(p, columns, wide, pixels, out);
            out += pixels * p->out_c;
        }
    }
}
