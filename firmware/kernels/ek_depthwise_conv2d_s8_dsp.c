#include "ek_depthwise_conv2d_s8_dsp.h"

#include <stddef.h>
#include <string.h>

#include "ek_rescale_dsp.h"

typedef ek_depthwise_conv2d_s8_dsp_params params;

/* Four channels of the input, transposed into four planes; what lies outside is left alone. */
static void split_four(const params *p, const int8_t *in, int8_t *planes) {
    const int32_t size = p->plane_h * p->plane_w;
    const int32_t line = p->in_w * p->in_c;
    planes += p->pad_w * p->plane_h + p->pad_h;
    for (int32_t x = 0; x < p->in_w; x++, planes += p->plane_h, in += p->in_c) {
        const int8_t *from = in;
        int8_t *to = planes;
        for (int32_t y = p->in_h; y > 0; y--, from += line, to++) {
            const uint32_t four = ek_load32(from);
            to[0] = (int8_t)four;
            to[size] = (int8_t)(four >> 8);
            to[2 * size] = (int8_t)(four >> 16);
            to[3 * size] = (int8_t)(four >> 24);
        }
    }
}

static void split_one(const params *p, const int8_t *in, int8_t *plane) {
    plane += p->pad_w * p->plane_h + p->pad_h;
    for (int32_t x = 0; x < p->in_w; x++, plane += p->plane_h) {
        for (int32_t y = 0; y < p->in_h; y++) {
            plane[y] = in[(y * p->in_w + x) * p->in_c];
        }
    }
}

static inline uint32_t pair(int32_t low, int32_t high) {
    return (uint32_t)(uint16_t)low | (uint32_t)high << 16;
}

/* What a channel of a 3x3 kernel needs: for each column of the kernel the weights (0, 2) and 1. */
typedef struct {
    uint32_t outer0, middle0, outer1, middle1, outer2, middle2;
    int32_t bias;
    ek_channel_rescale r;
} channel3;

/* 3x3, stride 1: two rows of output at once. A column's four bytes r0..r3 make (r0, r2) and
 * (r1, r3), so that each row takes two instructions for its three taps. Sliding along x, a column
 * serves the outputs of which it is the third, the second and the first. */
static inline void rows_3x3(const params *p, const int8_t *plane, const channel3 *k,
                            ek_layer_rescale l, int8_t *top_out, int8_t *low_out, int is_short) {
    const int32_t c = p->in_c, step = p->plane_h;
    const ek_channel_rescale r = k->r;
    uint32_t four = ek_load32(plane);
    uint32_t even = ek_sxtb16(four), odd = ek_sxtb16_odd(four);
    int32_t top2 = ek_smlabb(odd, k->middle0, ek_smlad(even, k->outer0, k->bias));
    int32_t low2 = ek_smlatb(even, k->middle0, ek_smlad(odd, k->outer0, k->bias));
    plane += step;
    four = ek_load32(plane);
    even = ek_sxtb16(four), odd = ek_sxtb16_odd(four);
    top2 = ek_smlabb(odd, k->middle1, ek_smlad(even, k->outer1, top2));
    low2 = ek_smlatb(even, k->middle1, ek_smlad(odd, k->outer1, low2));
    int32_t top1 = ek_smlabb(odd, k->middle0, ek_smlad(even, k->outer0, k->bias));
    int32_t low1 = ek_smlatb(even, k->middle0, ek_smlad(odd, k->outer0, k->bias));
    for (int32_t x = p->out_w; x > 0; x--) {
        plane += step;
        four = ek_load32(plane);
        even = ek_sxtb16(four), odd = ek_sxtb16_odd(four);
        const int32_t top = ek_smlabb(odd, k->middle2, ek_smlad(even, k->outer2, top2));
        const int32_t low = ek_smlatb(even, k->middle2, ek_smlad(odd, k->outer2, low2));
        *low_out = is_short ? ek_rescale_short(r, low) : ek_rescale_full(l, r, low);
        *top_out = is_short ? ek_rescale_short(r, top) : ek_rescale_full(l, r, top);
        low_out += c, top_out += c;
        top2 = ek_smlabb(odd, k->middle1, ek_smlad(even, k->outer1, top1));
        low2 = ek_smlatb(even, k->middle1, ek_smlad(odd, k->outer1, low1));
        top1 = ek_smlabb(odd, k->middle0, ek_smlad(even, k->outer0, k->bias));
        low1 = ek_smlatb(even, k->middle0, ek_smlad(odd, k->outer0, k->bias));
    }
}

static void channel_3x3(const params *p, const int8_t *plane, const int8_t *w, int32_t bias,
                        ek_layer_rescale l, ek_channel_rescale r, int8_t *out) {
    const int32_t c = p->in_c;
    const channel3 k = {
        pair(w[0], w[6 * c]), (uint32_t)w[3 * c],     pair(w[c], w[7 * c]), (uint32_t)w[4 * c],
        pair(w[2 * c], w[8 * c]), (uint32_t)w[5 * c], bias,                 r,
    };
    const int32_t line = p->out_w * c;
    for (int32_t y = 0; y < p->out_h; y += 2, plane += 2, out += 2 * line) {
        /* An odd last row: the row below it is written first, to the same place. */
        int8_t *low = y + 1 < p->out_h ? out + line : out;
        if (r.shift > 0) {
            rows_3x3(p, plane, &k, l, out, low, 1);
        } else {
            rows_3x3(p, plane, &k, l, out, low, 0);
        }
    }
}

/* Any kernel and stride: four rows of a column at a time. `wide` holds for each column of the
 * kernel the weights (0, 2), (1, 3), (4, 6), ... */
static void channel_any(const params *p, const int8_t *plane, const uint32_t *wide, int32_t bias,
                        ek_layer_rescale l, ek_channel_rescale r, int8_t *out) {
    for (int32_t y = 0; y < p->out_h; y++) {
        const int8_t *corner = plane + y * p->stride_h;
        for (int32_t x = 0; x < p->out_w; x++, out += p->in_c) {
            const uint32_t *w = wide;
            const int8_t *column = corner;
            int32_t sum = bias;
            for (int32_t kx = 0; kx < p->kernel_w; kx++) {
                for (int32_t ky = 0; ky < p->kernel_h; ky += 4, w += 2) {
                    const uint32_t four = ek_load32(column + ky);
                    sum = ek_smlad(ek_sxtb16(four), w[0], sum);
                    sum = ek_smlad(ek_sxtb16_odd(four), w[1], sum);
                }
                column += p->dilation_w * p->plane_h;
            }
            *out = ek_rescale(l, r, sum);
            corner += p->stride_w * p->plane_h;
        }
    }
}

static void widen_weights(const params *p, const int8_t *weights, uint32_t *wide) {
    for (int32_t kx = 0; kx < p->kernel_w; kx++) {
        for (int32_t ky = 0; ky < p->kernel_h; ky += 4, wide += 2) {
            int32_t w[4] = {0, 0, 0, 0};
            for (int32_t i = 0; i < 4 && ky + i < p->kernel_h; i++) {
                w[i] = weights[((ky + i) * p->kernel_w + kx) * p->in_c];
            }
            wide[0] = pair(w[0], w[2]);
            wide[1] = pair(w[1], w[3]);
        }
    }
}

void ek_depthwise_conv2d_s8_dsp(const params *p, const int8_t *in, int8_t *out, void *scratch) {
    int8_t *planes = scratch;
    const int32_t size = p->plane_h * p->plane_w;
    uint32_t *wide = (uint32_t *)(void *)(planes + p->planes * size);
    const ek_layer_rescale l = {p->out_zero, p->low, p->high};
    const int is_3x3 = p->kernel_h == 3 && p->kernel_w == 3 && p->dilation_w == 1 &&
                       p->stride_h == 1 && p->stride_w == 1;
    memset(planes, p->in_zero, (size_t)(p->planes * size));
    for (int32_t n = 0; n < p->batches; n++) {
        for (int32_t c = 0; c < p->in_c; c++) {
            const int32_t part = c % p->planes;
            if (part == 0 && p->planes == 4) {
                split_four(p, in + c, planes);
            } else if (part == 0) {
                split_one(p, in + c, planes);
            }
            const ek_channel_rescale r = ek_rescale_of(l, p->multipliers[c], p->shifts[c]);
            const int8_t *plane = planes + part * size;
            if (is_3x3) {
                channel_3x3(p, plane, p->weights + c, p->bias[c], l, r, out + c);
            } else {
                widen_weights(p, p->weights + c, wide);
                channel_any(p, plane, wide, p->bias[c], l, r, out + c);
            }
        }
        in += p->in_h * p->in_w * p->in_c;
        out += p->out_h * p->out_w * p->in_c;
    }
}
