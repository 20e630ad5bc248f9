#include "ek_max_pool2d_s8_dsp.h"

#include "ek_dsp.h"
#include "ek_requantize.h"
#include "ek_window.h"

typedef ek_max_pool2d_s8_dsp_params params;

static void max_pixel(const params *p, const int8_t *in, int8_t *out, int32_t y0, int32_t x0) {
    const int32_t step = p->channels, line = p->in_w * step;
    const int32_t ky0 = ek_first_tap(y0, 1), kx0 = ek_first_tap(x0, 1);
    const int32_t rows = ek_end_tap(y0, 1, p->kernel_h, p->in_h) - ky0;
    const int32_t cols = ek_end_tap(x0, 1, p->kernel_w, p->in_w) - kx0;
    const int8_t *corner = in + (y0 + ky0) * line + (x0 + kx0) * step;
    for (int32_t c = 0; c < p->channels; c += 4) {
        uint32_t largest = UINT32_C(0x80808080);
        for (int32_t y = 0; y < rows; y++) {
            const int8_t *at = corner + c + y * line;
            for (int32_t x = cols; x > 0; x--, at += step) {
                largest = ek_max8(largest, ek_load32(at));
            }
        }
        for (int32_t i = 0; i < 4; i++) {
            *out++ = ek_clamp_s8((int8_t)(uint8_t)(largest >> 8 * i), p->low, p->high);
        }
    }
}

void ek_max_pool2d_s8_dsp(const params *p, const int8_t *in, int8_t *out) {
    for (int32_t n = 0; n < p->batches; n++, in += p->in_h * p->in_w * p->channels) {
        for (int32_t y = 0; y < p->out_h; y++) {
            for (int32_t x = 0; x < p->out_w; x++, out += p->channels) {
                max_pixel(p, in, out, y * p->stride_h - p->pad_h, x * p->stride_w - p->pad_w);
            }
        }
    }
}
