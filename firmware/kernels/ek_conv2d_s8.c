#include "ek_conv2d_s8.h"

#include "ek_dot.h"
#include "ek_requantize.h"
#include "ek_window.h"

/* One output pixel whose window starts at (y0, x0), which may lie outside the input. */
static void conv2d_pixel(const ek_conv2d_s8_params *p, const int8_t *in, int8_t *out, int32_t y0,
                         int32_t x0) {
    const int32_t ky0 = ek_first_tap(y0, p->dilation_h);
    const int32_t ky1 = ek_end_tap(y0, p->dilation_h, p->kernel_h, p->in_h);
    const int32_t kx0 = ek_first_tap(x0, p->dilation_w);
    const int32_t kx1 = ek_end_tap(x0, p->dilation_w, p->kernel_w, p->in_w);
    /* Undilated, the taps of one row are neighbours in memory and make one inner product. */
    const int32_t taps = p->dilation_w == 1 ? kx1 - kx0 : 1;
    const int8_t *w = p->weights;
    for (int32_t o = 0; o < p->out_c; o++, w += p->kernel_h * p->kernel_w * p->in_c) {
        int32_t sum = 0;
        for (int32_t ky = ky0; ky < ky1; ky++) {
            const int8_t *row = in + (y0 + ky * p->dilation_h) * p->in_w * p->in_c;
            for (int32_t kx = kx0; kx < kx1; kx += taps) {
                sum += ek_dot_s8(row + (x0 + kx * p->dilation_w) * p->in_c, p->in_zero,
                                 w + (ky * p->kernel_w + kx) * p->in_c, taps * p->in_c);
            }
        }
        sum = ek_requantize(ek_wrap_add(sum, p->bias[o]), p->multipliers[o], p->shifts[o]);
        out[o] = ek_clamp_s8(ek_wrap_add(sum, p->out_zero), p->low, p->high);
    }
}

void ek_conv2d_s8(const ek_conv2d_s8_params *p, const int8_t *in, int8_t *out) {
    for (int32_t n = 0; n < p->batches; n++, in += p->in_h * p->in_w * p->in_c) {
        for (int32_t y = 0; y < p->out_h; y++) {
            for (int32_t x = 0; x < p->out_w; x++, out += p->out_c) {
                conv2d_pixel(p, in, out, y * p->stride_h - p->pad_h, x * p->stride_w - p->pad_w);
            }
        }
    }
}
