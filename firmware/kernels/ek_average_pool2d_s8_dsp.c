#include "ek_average_pool2d_s8_dsp.h"

#include "ek_requantize.h"
#include "ek_sum_dsp.h"
#include "ek_window.h"

typedef ek_average_pool2d_s8_dsp_params params;

static void average_pixel(const params *p, const int8_t *in, int8_t *out, int32_t y0, int32_t x0) {
    const int32_t line = p->in_w * p->channels;
    const int32_t ky0 = ek_first_tap(y0, 1), kx0 = ek_first_tap(x0, 1);
    const int32_t rows = ek_end_tap(y0, 1, p->kernel_h, p->in_h) - ky0;
    const int32_t cols = ek_end_tap(x0, 1, p->kernel_w, p->in_w) - kx0;
    const int32_t count = rows > 0 && cols > 0 ? rows * cols : 1; /* 0 for an empty window */
    const int8_t *corner = in + (y0 + ky0) * line + (x0 + kx0) * p->channels;
    for (int32_t c = 0; c < p->channels; c += 4) {
        int32_t sums[4] = {0, 0, 0, 0};
        if (cols == p->in_w) {
            ek_add_pixels(corner + c, p->channels, rows * cols, sums); /* whole lines are one run */
        } else {
            for (int32_t y = 0; y < rows; y++) {
                ek_add_pixels(corner + c + y * line, p->channels, cols, sums);
            }
        }
        for (int32_t i = 0; i < 4; i++) {
            const int32_t half = sums[i] > 0 ? count / 2 : -(count / 2);
            *out++ = ek_clamp_s8((sums[i] + half) / count, p->low, p->high);
        }
    }
}

void ek_average_pool2d_s8_dsp(const params *p, const int8_t *in, int8_t *out) {
    for (int32_t n = 0; n < p->batches; n++, in += p->in_h * p->in_w * p->channels) {
        for (int32_t y = 0; y < p->out_h; y++) {
            for (int32_t x = 0; x < p->out_w; x++, out += p->channels) {
                average_pixel(p, in, out, y * p->stride_h - p->pad_h, x * p->stride_w - p->pad_w);
            }
        }
    }
}
