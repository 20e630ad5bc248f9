/* Core cycles from the DWT counter, where the core has one that counts. */
#ifndef EK_CYCLES_H
#define EK_CYCLES_H

#include <stdbool.h>
#include <stdint.h>

void ek_cycles_start(void);
bool ek_cycles_usable(void);
uint32_t ek_cycles_now(void); /* wraps at 32 bits */

#endif
