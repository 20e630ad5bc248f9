/* A strip holds the rows of the input that a row of outputs reads, 16 channels of them:
 * [each four rows][column][16 channels][4 rows]. */
#include "ek_depthwise_conv2d_s8_mve.h"

#include "ek_window_mve.h"

typedef ek_depthwise_conv2d_s8_mve_params params;

#define COLUMN 64 /* bytes of a column: 16 channels, 4 rows */

/* n columns of four rows into a strip; `channels` of each row's pixels, at most 16. */
EK_ALONE void interleave(const int8_t *const rows[4], const int32_t steps[4], int32_t n,
                       int32_t channels, int8_t *strip) {
#if EK_MVE
    const int8_t *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
    __asm__ volatile(
        "vctp.8 %[channels]\n"
        "1:\n\t"
        "vpstttt\n\t"
        "vldrbt.8 q0, [%[r0]]\n\t"
        "vldrbt.8 q1, [%[r1]]\n\t"
        "vldrbt.8 q2, [%[r2]]\n\t"
        "vldrbt.8 q3, [%[r3]]\n\t"
        "add %[r0], %[r0], %[s0]\n\t"
        "add %[r1], %[r1], %[s1]\n\t"
        "add %[r2], %[r2], %[s2]\n\t"
        "add %[r3], %[r3], %[s3]\n\t"
        "vst40.8 {q0, q1, q2, q3}, [%[strip]]\n\t"
        "vst41.8 {q0, q1, q2, q3}, [%[strip]]\n\t"
        "vst42.8 {q0, q1, q2, q3}, [%[strip]]\n\t"
        "vst43.8 {q0, q1, q2, q3}, [%[strip]]!\n\t"
        "subs %[n], %[n], #1\n\t"
        "bne 1b\n\t"
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [strip] "+&r"(strip),
          [n] "+&r"(n)
        : [s0] "r"(steps[0]), [s1] "r"(steps[1]), [s2] "r"(steps[2]), [s3] "r"(steps[3]),
          [channels] "r"(channels)
        : "q0", "q1", "q2", "q3", "cc", "memory");
#else
    for (int32_t x = 0; x < n; x++, strip += COLUMN) {
        for (int32_t j = 0; j < 4; j++) {
            for (int32_t c = 0; c < 16; c++) {
                strip[c * 4 + j] = c < channels ? rows[j][x * steps[j] + c] : 0;
            }
        }
    }
#endif
}

/* The strip of the outputs from row y on, of up to 16 channels of `in`. Columns outside the input
 * are left as they are, rows outside are `outside`. */
static void fill(const params *p, const int8_t *in, int32_t y, int32_t channels,
                 const int8_t *outside, int8_t *strip) {
    const int32_t used = p->kernel_h + p->rows - 1;
    for (int32_t first = 0; first < p->kernel_h; first += 4, strip += p->strip_w * COLUMN) {
        const int8_t *rows[4];
        int32_t steps[4];
        for (int32_t j = 0; j < 4; j++) {
            const int32_t row = y * p->stride_h - p->pad_h + (first + j) * p->dilation_h;
            const int inside = first + j < used && row >= 0 && row < p->in_h;
            rows[j] = inside ? in + row * p->row_bytes : outside;
            steps[j] = inside ? p->column_bytes : 0;
        }
        interleave(rows, steps, p->columns, channels, strip + p->pad_w * COLUMN);
    }
}

/* All channels of the rows of outputs from y on; `to` tells where the windows' words are. */
static void output_rows(const params *p, const int8_t *in, int32_t y, ek_windows to, int8_t *strip,
                        int8_t *out) {
    const ek_layer_mve l = {p->out_zero, p->low, p->high, p->ties};
    const int32_t line = p->out_w * p->in_c;
    const int32_t *from = p->weights;
    const int8_t *outside = strip + (p->kernel_h + 3) / 4 * p->strip_w * COLUMN;
    for (int32_t c = 0, first = 0; c < p->in_c; c += 4, from += EK_WINDOW_WORDS) {
        /* Three or fewer that are left over go with the last four. */
        const int32_t start = c + 4 <= p->in_c ? c : p->in_c - 4;
        if (c % 16 == 0) {
            const int32_t channels = p->in_c - start < 16 ? p->in_c - start : 16;
            first = start;
            fill(p, in + start, y, channels, outside, strip);
        }
        to.strip = strip + (start - first) * 4;
        to.out0 = out + y * line + start;
        to.out1 = to.out0 + (y + 1 < p->out_h ? line : 0);
        ek_windows_mve(from, &to, p->rows, &l);
    }
}

void ek_depthwise_conv2d_s8_mve(const params *p, const int8_t *in, int8_t *out, void *scratch) {
    const int32_t fours = (p->kernel_h + 3) / 4;
    ek_windows to = {0, {0, 0, 0, 0}, p->stride_w * COLUMN, p->in_c, 0, 0, p->out_w};
    for (int32_t i = 0; i < fours * p->kernel_w; i++) {
        const int32_t column = i % p->kernel_w * p->dilation_w;
        to.words[i] = (i / p->kernel_w * p->strip_w + column) * COLUMN;
    }
    memset(scratch, p->in_zero, (size_t)(fours * p->strip_w * COLUMN + 16));
    for (int32_t n = 0; n < p->batches; n++) {
        for (int32_t y = 0; y < p->out_h; y += p->rows) {
            output_rows(p, in, y, to, scratch, out);
        }
        in += p->in_h * p->row_bytes;
        out += p->out_h * p->out_w * p->in_c;
    }
}
