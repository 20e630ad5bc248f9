#include "ek_conv2d_s8_dsp.h"

#include <stddef.h>
#include <string.h>

#include "ek_block_dsp.h"
#include "ek_rescale_dsp.h"
#include "ek_window.h"

static inline void widen_four(const int8_t *in, uint32_t *out, int32_t step) {
    const uint32_t four = ek_load32(in);
    out[0] = ek_sxtb16(four);
    out[step] = ek_sxtb16_odd(four);
}

/* n int8 (a multiple of 4) to int16, four at a time in the order 0, 2, 1, 3; words are `step`
 * apart. */
static inline void widen(const int8_t *in, int32_t n, uint32_t *out, int32_t step) {
    const int8_t *end = in + (n & ~7);
    for (; in < end; in += 8, out += 4 * step) {
        widen_four(in, out, step);
        widen_four(in + 4, out + 2 * step, step);
    }
    if (n & 4) {
        widen_four(in, out, step);
    }
}

/* Bytes of scratch for the columns of one pixel: a line of the window, and one of zero points. */
typedef struct {
    int8_t *row;   /* [depth] */
    int8_t *zeros; /* [kernel_w * in_c] */
} window_rows;

static void copy(int8_t *to, const int8_t *from, int32_t n) {
    if (n < 4) {
        for (; n > 0; n--) {
            *to++ = *from++;
        }
        return;
    }
    for (int32_t i = 0; i + 4 <= n; i += 4) {
        memcpy(to + i, from + i, 4);
    }
    memcpy(to + n - 4, from + n - 4, 4); /* the rest, overlapping */
}

/* One line of the window that starts at (y, x0): where it lies whole in the input, or a copy in
 * `row`; what is outside the input is the zero point. */
static const int8_t *window_line(const ek_conv2d_s8_dsp_params *p, const int8_t *in, int32_t y,
                                 int32_t x0, window_rows rows, int8_t *row) {
    const int32_t kx0 = ek_first_tap(x0, p->dilation_w);
    const int32_t kx1 = ek_end_tap(x0, p->dilation_w, p->kernel_w, p->in_w);
    if (y < 0 || y >= p->in_h || kx0 >= kx1) {
        return rows.zeros;
    }
    const int8_t *from = in + (y * p->in_w + x0) * p->in_c;
    if (p->dilation_w == 1 && kx1 - kx0 == p->kernel_w) {
        return from;
    }
    memset(row, p->in_zero, (size_t)(p->kernel_w * p->in_c));
    if (p->dilation_w == 1) {
        copy(row + kx0 * p->in_c, from + kx0 * p->in_c, (kx1 - kx0) * p->in_c);
        return row;
    }
    for (int32_t kx = kx0; kx < kx1; kx++) {
        copy(row + kx * p->in_c, from + kx * p->dilation_w * p->in_c, p->in_c);
    }
    return row;
}

/* The inputs of the window at (y0, x0), which reaches over the input's border or is dilated, as one
 * pixel's column. */
static void border_column(const ek_conv2d_s8_dsp_params *p, const int8_t *in, int32_t y0,
                          int32_t x0, window_rows rows, uint32_t *column) {
    const int32_t line = p->kernel_w * p->in_c;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        int8_t *row = rows.row + ky * line;
        const int8_t *from = window_line(p, in, y0 + ky * p->dilation_h, x0, rows, row);
        if (from != row) {
            copy(row, from, line);
        }
    }
    widen(rows.row, p->depth, column, 4);
}

/* As `border_column`, for an undilated window that lies whole in the input from `in` on. */
static void inner_column(const ek_conv2d_s8_dsp_params *p, const int8_t *in, window_rows rows,
                         uint32_t *column) {
    const int32_t line = p->kernel_w * p->in_c;
    const int32_t next = p->in_w * p->in_c;
    if (line % 4 == 0) {
        for (int32_t ky = 0; ky < p->kernel_h; ky++, in += next, column += 2 * line) {
            widen(in, line, column, 4);
        }
        return;
    }
    int8_t *row = rows.row;
    for (int32_t ky = 0; ky < p->kernel_h; ky++, in += next, row += line) {
        copy(row, in, line);
    }
    widen(rows.row, p->depth, column, 4);
}

/* The columns of `pixels` output pixels from number `first` on; a last block that is not full
 * keeps old columns, whose sums are not stored. */
static void window_columns(const ek_conv2d_s8_dsp_params *p, const int8_t *in, int32_t first,
                           int32_t pixels, uint32_t *columns, window_rows rows) {
    const int32_t dilated = p->dilation_h > 1 || p->dilation_w > 1;
    int32_t y = first / p->out_w, x = first % p->out_w;
    for (int32_t i = 0; i < pixels; i++) {
        uint32_t *column = columns + (i >> 2) * p->depth * 2 + (i & 3);
        const int32_t y0 = y * p->stride_h - p->pad_h, x0 = x * p->stride_w - p->pad_w;
        if (dilated || y0 < 0 || x0 < 0 || y0 + p->kernel_h > p->in_h ||
            x0 + p->kernel_w > p->in_w) {
            border_column(p, in, y0, x0, rows, column);
        } else {
            inner_column(p, in + (y0 * p->in_w + x0) * p->in_c, rows, column);
        }
        if (++x == p->out_w) {
            x = 0;
            y++;
        }
    }
}

static void pointwise_columns(const ek_conv2d_s8_dsp_params *p, const int8_t *in, int32_t pixels,
                              uint32_t *columns) {
    for (int32_t i = 0; i < pixels; i++, in += p->in_c) {
        widen(in, p->depth, columns + (i >> 2) * p->depth * 2 + (i & 3), 4);
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

/* What the block kernel needs for two channels; the second stands for an odd last one. */
static ek_block_frame block_frame(const ek_conv2d_s8_dsp_params *p, const uint32_t *weights,
                                  int32_t channel) {
    const ek_layer_rescale l = {p->out_zero, p->low, p->high};
    const int32_t second = channel + 1 < p->out_c ? channel + 1 : channel;
    const ek_channel_rescale r0 = ek_rescale_of(l, p->multipliers[channel], p->shifts[channel]);
    const ek_channel_rescale r1 = ek_rescale_of(l, p->multipliers[second], p->shifts[second]);
    const int32_t pairs = p->depth / 2;
    ek_block_frame frame = {
        weights,         weights + (pairs & ~7) * 2, weights + pairs * 2, p->bias[channel],
        p->bias[second], r0.shift,                   r0.multiplier,       r0.rounding,
        r1.shift,        r1.multiplier,              r1.rounding,         NULL,
        p->out_c,        0,                          0,                   0,
    };
    const int is_signed = r0.shift < -32 && r1.shift < -32 && p->low == -128 && p->high == 127;
    if (is_signed) {
        frame.shift0 += 32, frame.shift1 += 32; /* minus the left shifts */
        frame.negative0 = r0.rounding + ek_rescale_sign(r0);
        frame.negative1 = r1.rounding + ek_rescale_sign(r1);
    }
    if (second == channel || (!is_signed && (r0.shift <= 0 || r1.shift <= 0))) {
        frame.shift0 = 0;
    }
    return frame;
}

/* Up to four pixels of one or two channels, any rescaling. */
static void block_any(const ek_conv2d_s8_dsp_params *p, ek_block_frame *frame, int32_t channel,
                      const uint32_t *block, int32_t pixels, int8_t *out) {
    const ek_layer_rescale l = {p->out_zero, p->low, p->high};
    int32_t sums[8];
    frame->shift0 = 0;
    frame->out = sums;
    frame->blocks = 1;
    ek_blocks_4x2(frame, block);
    for (int32_t c = channel; c < channel + 2 && c < p->out_c; c++, out++) {
        const ek_channel_rescale r = ek_rescale_of(l, p->multipliers[c], p->shifts[c]);
        for (int32_t i = 0; i < pixels && i < 4; i++) {
            out[i * p->out_c] = ek_rescale(l, r, sums[4 * (c - channel) + i]);
        }
    }
}

static void tile(const ek_conv2d_s8_dsp_params *p, const uint32_t *columns, uint32_t *wide,
                 int32_t pixels, int8_t *out) {
    const uint32_t *end = columns + pixels / 4 * 2 * p->depth;
    for (int32_t channel = 0; channel < p->out_c; channel += 2, out += 2) {
        const uint32_t *weights = channel_weights(p, channel, wide);
        ek_block_frame frame = block_frame(p, weights, channel);
        const uint32_t *block = columns;
        int8_t *to = out;
        if (frame.shift0 != 0 && block < end) {
            frame.out = to;
            frame.blocks = pixels / 4;
            ek_blocks_4x2(&frame, block);
            block = end;
            to += (pixels & ~3) * p->out_c;
        }
        for (; block < end; block += 2 * p->depth, to += 4 * p->out_c) {
            block_any(p, &frame, channel, block, 4, to);
        }
        if (pixels & 3) {
            block_any(p, &frame, channel, block, pixels & 3, to);
        }
    }
}

void ek_conv2d_s8_dsp(const ek_conv2d_s8_dsp_params *p, const int8_t *in, int8_t *out,
                      void *scratch) {
    uint32_t *columns = scratch;
    uint32_t *wide = columns + p->blocks * p->depth * 2;
    const int pointwise = p->kernel_h * p->kernel_w * p->stride_h * p->stride_w == 1 &&
                          p->in_c == p->depth;
    window_rows rows = {NULL, NULL};
    if (!pointwise) {
        rows.row = (int8_t *)(p->wide == NULL ? wide + p->depth : wide);
        rows.zeros = rows.row + p->depth;
        memset(rows.row, 0, (size_t)p->depth);
        memset(rows.zeros, p->in_zero, (size_t)(p->kernel_w * p->in_c));
    }
    const int32_t all = p->out_h * p->out_w;
    for (int32_t n = 0; n < p->batches; n++, in += p->in_h * p->in_w * p->in_c) {
        for (int32_t first = 0; first < all; first += p->blocks * 4) {
            const int32_t left = all - first;
            const int32_t pixels = left < p->blocks * 4 ? left : p->blocks * 4;
            if (pointwise) {
                pointwise_columns(p, in + first * p->in_c, pixels, columns);
            } else {
                window_columns(p, in, first, pixels, columns, rows);
            }
            tile(p, columns, wide, pixels, out);
            out += pixels * p->out_c;
        }
    }
}
