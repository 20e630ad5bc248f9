/* The stack's high-water mark, by paint. */
#ifndef EK_STACK_H
#define EK_STACK_H

#include <stdint.h>

void ek_stack_paint(void);         /* once, from the reset handler */
uint32_t ek_stack_used_bytes(void); /* the most that was in use since */

#endif
