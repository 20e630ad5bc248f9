/* The memory functions that C compilers call by themselves. Words where both ends allow. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && !defined(__clang__)
/* Else gcc may turn the loops below into calls of the functions that they are. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

typedef uint32_t __attribute__((may_alias)) word_t;

static int aligned(const void *pointer) { return ((uintptr_t)pointer & 3u) == 0; }

static int alike(const void *a, const void *b) {
    return (((uintptr_t)a ^ (uintptr_t)b) & 3u) == 0;
}

/* From the lowest byte up: right for regions that overlap where `to` is the lower one. */
static void copy_up(uint8_t *to, const uint8_t *from, size_t count) {
    if (alike(to, from)) {
        for (; count > 0 && !aligned(to); count--) *to++ = *from++;
        for (; count >= 16; count -= 16, to += 16, from += 16) {
            const word_t *source = (const word_t *)(const void *)from;
            word_t *target = (word_t *)(void *)to;
            uint32_t a = source[0], b = source[1], c = source[2], d = source[3];
            target[0] = a;
            target[1] = b;
            target[2] = c;
            target[3] = d;
        }
        for (; count >= 4; count -= 4, to += 4, from += 4)
            *(word_t *)(void *)to = *(const word_t *)(const void *)from;
    }
    for (; count > 0; count--) *to++ = *from++;
}

static void copy_down(uint8_t *to, const uint8_t *from, size_t count) {
    to += count;
    from += count;
    if (alike(to, from)) {
        for (; count > 0 && !aligned(to); count--) *--to = *--from;
        for (; count >= 4; count -= 4) {
            to -= 4;
            from -= 4;
            *(word_t *)(void *)to = *(const word_t *)(const void *)from;
        }
    }
    for (; count > 0; count--) *--to = *--from;
}

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
    copy_up(to, from, count);
    return to;
}

void *memmove(void *to, const void *from, size_t count) {
    if ((uintptr_t)to - (uintptr_t)from < count)
        copy_down(to, from, count);
    else
        copy_up(to, from, count);
    return to;
}

void *memset(void *to, int value, size_t count) {
    uint8_t *t = to;
    uint32_t byte = (uint8_t)value;
    for (; count > 0 && !aligned(t); count--) *t++ = (uint8_t)byte;
    for (; count >= 4; count -= 4, t += 4) *(word_t *)(void *)t = byte * 0x01010101u;
    for (; count > 0; count--) *t++ = (uint8_t)byte;
    return to;
}

int memcmp(const void *left, const void *right, size_t count) {
    const uint8_t *l = left, *r = right;
    for (; count > 0; count--, l++, r++)
        if (*l != *r) return *l - *r;
    return 0;
}
