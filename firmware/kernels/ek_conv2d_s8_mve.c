#include "ek_conv2d_s8_mve.h"

#include "ek_block_mve.h"
#include "ek_window.h"

typedef ek_conv2d_s8_mve_params params;

/* The window that starts at (y0, x0) as one row of bytes; what lies outside is the zero point. */
static void gather(const params *p, const int8_t *in, int32_t y0, int32_t x0, int8_t *row) {
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
            ek_copy_mve(row + kx0 * p->in_c, from + kx0 * p->in_c, (kx1 - kx0) * p->in_c);
            continue;
        }
        for (int32_t kx = kx0; kx < kx1; kx++) {
            ek_copy_mve(row + kx * p->in_c, from + kx * p->dilation_w * p->in_c, p->in_c);
        }
    }
}

static void fill_row(const params *p, const int8_t *in, int32_t pixel, int8_t *row) {
    if (p->kernel_h * p->kernel_w * p->stride_h * p->stride_w == 1) {
        ek_copy_mve(row, in + pixel * p->in_c, p->in_c);
        return;
    }
    const int32_t y = pixel / p->out_w;
    const int32_t x = pixel % p->out_w;
    gather(p, in, y * p->stride_h - p->pad_h, x * p->stride_w - p->pad_w, row);
}

/* All channels of two pixels. */
static void two_pixels(const params *p, const int8_t *row0, const int8_t *row1, int8_t *out0,
                       int8_t *out1) {
    const ek_layer_mve l = {p->out_zero, p->low, p->high, p->ties};
    const int32_t fours = p->out_c / 4, left = p->out_c % 4;
    const int32_t *from = ek_blocks_mve(p->weights, fours, row0, row1, p->depth, &l, out0, out1);
    if (left > 0) {
        int8_t last[8];
        (void)ek_blocks_mve(from, 1, row0, row1, p->depth, &l, last, last + 4);
        for (int32_t i = 0; i < left; i++) {
            out0[fours * 4 + i] = last[i];
            out1[fours * 4 + i] = last[4 + i];
        }
    }
}

void ek_conv2d_s8_mve(const params *p, const int8_t *in, int8_t *out, void *scratch) {
    int8_t *row0 = scratch;
    int8_t *row1 = row0 + p->depth;
    const int32_t pixels = p->out_h * p->out_w;
    memset(row0, 0, (size_t)(2 * p->depth));
    for (int32_t n = 0; n < p->batches; n++, in += p->in_h * p->in_w * p->in_c) {
        for (int32_t i = 0; i < pixels; i += 2) {
            /* A lone last pixel is reckoned twice. */
            const int32_t second = i + 1 < pixels;
            fill_row(p, in, i, row0);
            fill_row(p, in, i + second, row1);
            two_pixels(p, row0, row1, out, out + second * p->out_c);
            out += (1 + second) * p->out_c;
        }
    }
}
