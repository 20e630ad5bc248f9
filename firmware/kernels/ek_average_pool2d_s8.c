#include "ek_average_pool2d_s8.h"

#include "ek_requantize.h"
#include "ek_window.h"

/* sum / count, halves away from zero; 0 for an empty window. */
static int32_t mean(int32_t sum, int32_t count) {
    if (count == 0) {
        return 0;
    }
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

static void average_pixel(const ek_average_pool2d_s8_params *p, const int8_t *in, int8_t *out,
                          int32_t y0, int32_t x0) {
    const int32_t ky0 = ek_first_tap(y0, 1);
    const int32_t ky1 = ek_end_tap(y0, 1, p->kernel_h, p->in_h);
    const int32_t kx0 = ek_first_tap(x0, 1);
    const int32_t kx1 = ek_end_tap(x0, 1, p->kernel_w, p->in_w);
    for (int32_t c = 0; c < p->channels; c++) {
        int32_t sum = 0;
        int32_t count = 0;
        for (int32_t ky = ky0; ky < ky1; ky++) {
            for (int32_t kx = kx0; kx < kx1; kx++) {
                sum += in[((y0 + ky) * p->in_w + x0 + kx) * p->channels + c];
                count++;
            }
        }
        out[c] = ek_clamp_s8(mean(sum, count), p->low, p->high);
    }
}

void ek_average_pool2d_s8(const ek_average_pool2d_s8_params *p, const int8_t *in, int8_t *out) {
    for (int32_t n = 0; n < p->batches; n++, in += p->in_h * p->in_w * p->channels) {
        for (int32_t y = 0; y < p->out_h; y++) {
            for (int32_t x = 0; x < p->out_w; x++, out += p->channels) {
                average_pixel(p, in, out, y * p->stride_h - p->pad_h, x * p->stride_w - p->pad_w);
            }
        }
    }
}
