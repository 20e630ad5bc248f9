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

/* As gather; most windows lie inside and need no thought. */
static inline void fill_row(const params *p, const int8_t *in, int32_t y0, int32_t x0,
                            int8_t *row) {
    if (y0 < 0 || x0 < 0 || y0 > p->inside_h || x0 > p->inside_w) {
        gather(p, in, y0, x0, row);
        return;
    }
    const int32_t line = p->kernel_w * p->in_c;
    const int32_t step = p->dilation_h * p->in_w * p->in_c;
    in += (y0 * p->in_w + x0) * p->in_c;
    for (int32_t ky = p->kernel_h; ky > 0; ky--, row += line, in += step) {
        ek_copy_mve(row, in, line);
    }
}

/* Where the next window starts. */
typedef struct {
    int32_t x, y0, x0;
} cursor;

/* The inputs of `n` pixels as rows. Those of a pointwise kernel begin at `in`, and it returns where
 * the next ones do; others tell their place by `at`. */
static const int8_t *fill_rows(const params *p, const int8_t *in, cursor *at, int32_t n,
                               int8_t *row) {
    if (p->pointwise && p->depth == p->in_c) {
        ek_copy_mve(row, in, n * p->in_c);
        return in + n * p->in_c;
    }
    for (; n > 0; n--, row += p->depth) {
        if (p->pointwise) {
            ek_copy_mve(row, in, p->in_c);
            in += p->in_c;
            continue;
        }
        fill_row(p, in, at->y0, at->x0, row);
        at->x0 += p->stride_w;
        if (++at->x == p->out_w) {
            at->x = 0;
            at->x0 = -p->pad_w;
            at->y0 += p->stride_h;
        }
    }
    return in;
}

/* All channels of `n` pixels. */
static void tile(const params *p, int8_t *rows, int32_t n, int8_t *out) {
    const ek_layer_mve l = {p->out_zero, p->low, p->high, p->ties};
    const int32_t fours = p->out_c / 4, left = p->out_c % 4;
    const int32_t *last = p->weights + fours * EK_BLOCK_WORDS(p->depth);
    ek_blocks_mve(p->weights, fours, rows, p->depth, n / 2, &l, out, p->out_c);
    if (n & 1) { /* a lone pixel is reckoned twice */
        int8_t *row = rows + (n - 1) * p->depth;
        ek_copy_mve(row + p->depth, row, p->depth);
        ek_blocks_mve(p->weights, fours, row, p->depth, 1, &l, out + (n - 1) * p->out_c, 0);
    }
    for (int32_t i = 0; left > 0 && i < n; i += 2) {
        int8_t made[8];
        ek_blocks_mve(last, 1, rows + i * p->depth, p->depth, 1, &l, made, 4);
        for (int32_t j = 0; j < 2 && i + j < n; j++) {
            memcpy(out + (i + j + 1) * p->out_c - left, made + 4 * j, (size_t)left);
        }
    }
}

void ek_conv2d_s8_mve(const params *p, const int8_t *in, int8_t *out, void *scratch) {
    const int32_t pixels = p->out_h * p->out_w;
    memset(scratch, 0, (size_t)(p->tile * p->depth));
    for (int32_t n = 0; n < p->batches; n++, in += p->in_h * p->in_w * p->in_c) {
        const int8_t *from = in;
        cursor at = {0, -p->pad_h, -p->pad_w};
        for (int32_t left = pixels; left > 0;) {
            const int32_t now = left < p->tile ? left : p->tile;
            from = fill_rows(p, from, &at, now, scratch);
            tile(p, scratch, now, out);
            out += now * p->out_c;
            left -= now;
        }
    }
}
