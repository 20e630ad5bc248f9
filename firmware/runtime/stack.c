#include "stack.h"

#define PAINT 0xC5C5C5C5u

extern uint32_t ek_stack_limit[], ek_stack_top[]; /* from the linker script */

void ek_stack_paint(void) {
    uint32_t *sp;
    __asm volatile("mov %0, sp" : "=r"(sp));
    /* volatile: a call of memset would write over its own frame. */
    for (volatile uint32_t *p = ek_stack_limit; p < sp; p++) *p = PAINT;
}

uint32_t ek_stack_used_bytes(void) {
    const uint32_t *p = ek_stack_limit;
    while (p < ek_stack_top && *p == PAINT) p++;
    return (uint32_t)((const uint8_t *)ek_stack_top - (const uint8_t *)p);
}
