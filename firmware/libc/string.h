/* The part of <string.h> that a model's code needs, so that no C library has to be installed. */
#ifndef EK_STRING_H
#define EK_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *left, const void *right, size_t count);

#endif
