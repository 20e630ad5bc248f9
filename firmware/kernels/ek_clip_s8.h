/* int8 values held between two bounds. */
#ifndef EK_CLIP_S8_H
#define EK_CLIP_S8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t low, high;
} ek_clip_s8_params;

/* in, out: [count]; out may be in. */
void ek_clip_s8(const ek_clip_s8_params *p, const int8_t *in, int8_t *out);

#endif
