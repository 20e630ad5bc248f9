/* A 64-bit count of core clock ticks from the 24-bit SysTick. */
#ifndef EK_SYSTICK_H
#define EK_SYSTICK_H

#include <stdint.h>

void ek_systick_start(void);
uint64_t ek_systick_ticks(void); /* since ek_systick_start */

#endif
