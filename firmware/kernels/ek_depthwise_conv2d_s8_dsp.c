#include "ek_depthwise_conv2d_s8_dsp.h"

#include <stddef.h>
#include <string.h>

#include "ek_rescale_dsp.h"

typedef ek_depthwise_conv2d_s8_dsp_params params;

/* Four channels of a column, `rows` of them `line` bytes apart, widened to four runs of int16 that
 * start `size` apart. */
static void widen_four(const int8_t *in, int32_t line, int32_t rows, int16_t *to, int32_t size) {
    for (; rows >= 2; rows -= 2, in += 2 * line, to += 2) {
        const uint32_t a = ek_load32(in), b = ek_load32(in + line);
        const uint32_t first = ek_pack_low(a, b), last = ek_pack_high(a, b);
        ek_store32(to, ek_sxtb16(first));
        ek_store32(to + size, ek_sxtb16_odd(first));
        ek_store32(to + 2 * size, ek_sxtb16(last));
        ek_store32(to + 3 * size, ek_sxtb16_odd(last));
    }
    for (int32_t i = 0; rows > 0 && i < 4; i++) {
        to[i * size] = in[i];
    }
}

static void widen(int32_t channels, const int8_t *in, int32_t line, int32_t rows, int16_t *to,
                  int32_t size) {
    if (channels == 4) {
        widen_four(in, line, rows, to, size);
        return;
    }
    for (; rows > 0; rows--, in += line, to++) {
        *to = *in;
    }
}

/* What a channel needs. `runs` holds the weights of each column of the kernel by pairs. */
typedef struct {
    const uint32_t *runs;
    int32_t pairs, bias;
    ek_layer_rescale l;
    ek_channel_rescale r;
} channel;

/* Sums for two outputs, which share the weights. */
typedef struct {
    int32_t first, second;
} two;

static EK_INLINE two add_pair(const int16_t *a, const int16_t *b, uint32_t w, two sum) {
    const two more = {ek_smlad(ek_load32(a), w, sum.first), ek_smlad(ek_load32(b), w, sum.second)};
    return more;
}

/* What `columns` reads and asm reaches by these offsets. */
typedef struct {
    const uint32_t *runs;                      /*  0 */
    int32_t bias, twos;                        /*  4, of pairs in a run */
    const uint32_t *end;                       /* 12, of the runs */
    int32_t skip;                              /* 16, bytes from a run's end to the next */
    int32_t multiplier, rounding, sign, left;  /* 20 */
    int32_t line;                              /* 36, from an output to the one below */
} frame;

/* `count` times two outputs, from `low` bytes apart in the plane, by the rescaling without an
 * activation: 27 instructions and 11 for each four taps of a column of the kernel. */
static EK_NOINLINE void columns(const frame *f, const int16_t *at, int32_t low, int8_t *out,
                                int32_t count) {
#if EK_DSP_ASM
    int32_t s0, s1;
    uint32_t x0, x1, w0, w1, n;
    const int16_t *a;
    const uint32_t *w;
    __asm__ volatile(
        "1:\n\t"
        "ldrd %[w], %[s0], [%[f]]\n\t"
        "mov %[a], %[at]\n\t"
        "add %[at], %[at], %[low], lsl #1\n\t"
        "mov %[s1], %[s0]\n"
        "2:\n\t"
        "ldr %[n], [%[f], #8]\n"
        "3:\n\t"
        "ldrd %[w0], %[w1], [%[w]], #8\n\t"
        "ldr %[x1], [%[a], %[low]]\n\t"
        "ldr %[x0], [%[a]], #4\n\t"
        "smlad %[s1], %[x1], %[w0], %[s1]\n\t"
        "smlad %[s0], %[x0], %[w0], %[s0]\n\t"
        "ldr %[x1], [%[a], %[low]]\n\t"
        "ldr %[x0], [%[a]], #4\n\t"
        "smlad %[s1], %[x1], %[w1], %[s1]\n\t"
        "smlad %[s0], %[x0], %[w1], %[s0]\n\t"
        "subs %[n], %[n], #1\n\t"
        "bne 3b\n\t"
        "ldrd %[x0], %[x1], [%[f], #12]\n\t"
        "add %[a], %[a], %[x1]\n\t"
        "cmp %[w], %[x0]\n\t"
        "bne 2b\n\t"
        "ldrd %[x0], %[x1], [%[f], #20]\n\t"
        "ldrd %[w0], %[w1], [%[f], #28]\n\t"
        "and %[n], %[w0], %[s1], asr #31\n\t"
        "and %[w0], %[w0], %[s0], asr #31\n\t"
        "add %[n], %[n], %[x1]\n\t"
        "add %[w0], %[w0], %[x1]\n\t"
        "lsl %[s1], %[s1], %[w1]\n\t"
        "lsl %[s0], %[s0], %[w1]\n\t"
        "smmla %[s1], %[s1], %[x0], %[n]\n\t"
        "smmla %[s0], %[s0], %[x0], %[w0]\n\t"
        "ldr %[n], [%[f], #36]\n\t"
        "ssat %[s1], #8, %[s1], asr #12\n\t"
        "ssat %[s0], #8, %[s0], asr #12\n\t"
        "strb %[s1], [%[out], %[n]]\n\t"
        "strb %[s0], [%[out]]\n\t"
        "add %[out], %[out], %[n], lsl #1\n\t"
        "subs %[count], %[count], #1\n\t"
        "bne 1b"
        : [s0] "=&r"(s0), [s1] "=&r"(s1), [x0] "=&r"(x0), [x1] "=&r"(x1), [w0] "=&r"(w0),
          [w1] "=&r"(w1), [n] "=&r"(n), [a] "=&r"(a), [w] "=&r"(w), [at] "+r"(at),
          [out] "+r"(out), [count] "+r"(count)
        : [f] "r"(f), [low] "r"(low)
        : "cc", "memory");
#else
    const ek_channel_rescale r = {f->multiplier, -32 - f->left, f->rounding};
    const int32_t half = low / 2;
    for (; count > 0; count--, at += 2 * half, out += 2 * f->line) {
        const int16_t *a = at;
        two sum = {f->bias, f->bias};
        for (const uint32_t *w = f->runs; w != f->end; a += f->skip / 2) {
            for (int32_t n = 2 * f->twos; n > 0; n--, a += 2, w++) {
                sum = add_pair(a, a + half, *w, sum);
            }
        }
        out[f->line] = ek_rescale_wide(r, sum.second);
        out[0] = ek_rescale_wide(r, sum.first);
    }
#endif
}

/* Any rescaling, one output at a time. Apart, so that its constants cost the others nothing. */
static EK_NOINLINE void columns_any(const params *p, const int16_t *plane, const channel *k,
                                    int8_t *out) {
    for (int32_t y = p->out_h; y > 0; y--, plane += p->stride_h, out += p->out_w * p->in_c) {
        const int16_t *a = plane;
        const uint32_t *w = k->runs;
        int32_t sum = k->bias;
        for (int32_t x = p->kernel_w; x > 0; x--, a += p->dilation_w * p->plane_h) {
            for (int32_t i = 0; i < k->pairs; i++, w++) {
                sum = ek_smlad(ek_load32(a + 2 * i), *w, sum);
            }
        }
        *out = ek_rescale_full(k->l, k->r, sum);
    }
}

static EK_NOINLINE void one_channel(const params *p, const int16_t *plane, const channel *k,
                                    int8_t *out) {
    const int32_t line = p->out_w * p->in_c, left = -32 - k->r.shift;
    const int32_t step = p->stride_w * p->plane_h, last = p->out_h - 1;
    frame f = {
        k->runs, k->bias, k->pairs / 2, k->runs + p->kernel_w * k->pairs,
        2 * (p->dilation_w * p->plane_h - 2 * k->pairs), k->r.multiplier, k->r.rounding,
        ek_sign_of(left), left, 0,
    };
    const int is_wide = k->r.shift < -32 && k->l.low == INT8_MIN && k->l.high == INT8_MAX;
    for (int32_t x = 0; x < p->out_w; x++, out += p->in_c, plane += step) {
        if (!is_wide) {
            columns_any(p, plane, k, out);
            continue;
        }
        if (p->out_h > 1) {
            f.line = line;
            columns(&f, plane, 2 * p->stride_h, out, p->out_h / 2);
        }
        if (p->out_h & 1) { /* both of the last two are the same */
            f.line = 0;
            columns(&f, plane + last * p->stride_h, 0, out + last * line, 1);
        }
    }
}

static void some_channels(const params *p, int32_t c, const int8_t *in, int8_t *out,
                          int16_t *planes, int16_t *runs) {
    const int32_t size = p->plane_h * p->plane_w, pairs = (p->kernel_h + 3) / 4 * 2;
    const int32_t run = pairs * 2, weights = p->kernel_w * run;
    int16_t *to = planes + p->pad_w * p->plane_h + p->pad_h;
    for (int32_t x = 0; x < p->in_w; x++, to += p->plane_h) {
        widen(p->planes, in + c + x * p->in_c, p->in_w * p->in_c, p->in_h, to, size);
    }
    for (int32_t x = 0; x < p->kernel_w; x++) {
        widen(p->planes, p->weights + c + x * p->in_c, p->kernel_w * p->in_c, p->kernel_h,
              runs + x * run, weights);
    }
    for (int32_t i = 0; i < p->planes; i++) {
        const ek_layer_rescale l = {p->out_zero, p->low, p->high};
        channel k = {(const uint32_t *)(const void *)(runs + i * weights),
                     pairs, p->bias[c + i], l,
                     ek_rescale_of(l, p->multipliers[c + i], p->shifts[c + i])};
        if (k.r.shift > 0) {
            k.r.shift = -32 - k.r.shift; /* the signed way serves as well */
        }
        one_channel(p, planes + i * size, &k, out + c + i);
    }
}

void ek_depthwise_conv2d_s8_dsp(const params *p, const int8_t *in, int8_t *out, void *scratch) {
    const int32_t size = p->plane_h * p->plane_w * p->planes;
    int16_t *planes = scratch, *runs = planes + size;
    for (int32_t i = 0; i < size; i++) {
        planes[i] = (int16_t)p->in_zero; /* the border stays so */
    }
    /* Kernels of other heights than multiples of four end in weights of 0. */
    memset(runs, 0, (size_t)((p->kernel_h + 3) / 4 * 8 * p->kernel_w * p->planes));
    for (int32_t n = 0; n < p->batches; n++) {
        for (int32_t c = 0; c < p->in_c; c += p->planes) {
            some_channels(p, c, in, out, planes, runs);
        }
        in += p->in_h * p->in_w * p->in_c;
        out += p->out_h * p->out_w * p->in_c;
    }
}
