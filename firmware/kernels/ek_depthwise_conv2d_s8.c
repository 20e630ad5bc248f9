#include "ek_depthwise_conv2d_s8.h"

#include "ek_requantize.h"
#include "ek_window.h"

/* One output pixel whose window starts at (y0, x0), which may lie outside the input. */
static void depthwise_pixel(const ek_depthwise_conv2d_s8_params *p, const int8_t *in, int8_t *out,
                            int32_t y0, int32_t x0) {
    const int32_t ky0 = ek_first_tap(y0, p->dilation_h);
    const int32_t ky1 = ek_end_tap(y0, p->dilation_h, p->kernel_h, p->in_h);
    const int32_t kx0 = ek_first_tap(x0, p->dilation_w);
    const int32_t kx1 = ek_end_tap(x0, p->dilation_w, p->kernel_w, p->in_w);
    const int32_t out_c = p->in_c * p->multiplier;
    for (int32_t o = 0; o < out_c; o++) {
        const int32_t c = p->multiplier == 1 ? o : o / p->multiplier;
        int32_t sum = p->bias[o];
        for (int32_t ky = ky0; ky < ky1; ky++) {
            const int32_t y = y0 + ky * p->dilation_h;
            for (int32_t kx = kx0; kx < kx1; kx++) {
                const int32_t x = x0 + kx * p->dilation_w;
                const int32_t value = in[(y * p->in_w + x) * p->in_c + c] - p->in_zero;
                const int32_t weight = p->weights[(ky * p->kernel_w + kx) * out_c + o];
                sum = ek_wrap_add(sum, value * weight);
            }
        }
        sum = ek_requantize(sum, p->multipliers[o], p->shifts[o]);
        out[o] = ek_clamp_s8(ek_wrap_add(sum, p->out_zero), p->low, p->high);
    }
}

void ek_depthwise_conv2d_s8(const ek_depthwise_conv2d_s8_params *p, const int8_t *in,
                            int8_t *out) {
    for (int32_t n = 0; n < p->batches; n++, in += p->in_h * p->in_w * p->in_c) {
        for (int32_t y = 0; y < p->out_h; y++) {
            for (int32_t x = 0; x < p->out_w; x++, out += p->in_c * p->multiplier) {
                depthwise_pixel(p, in, out, y * p->stride_h - p->pad_h,
                                x * p->stride_w - p->pad_w);
            }
        }
    }
}
