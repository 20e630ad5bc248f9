/* Data Watchpoint and Trace unit, Armv7-M Architecture Reference Manual (DDI 0403) section C1.8. */
#include "cycles.h"

#include "cpu.h"

static bool usable;

bool ek_cycles_usable(void) { return usable; }

#if __ARM_ARCH >= 7

#define DEMCR EK_REG(0xE000EDFCu)
#define DEMCR_TRCENA (1u << 24)
#define DWT_CTRL EK_REG(0xE0001000u)
#define DWT_CYCCNT EK_REG(0xE0001004u)
#define DWT_LAR EK_REG(0xE0001FB0u)
#define LAR_KEY 0xC5ACCE55u /* opens the lock that the Cortex-M7 has */

void ek_cycles_start(void) {
    DEMCR |= DEMCR_TRCENA;
    DWT_LAR = LAR_KEY;
    DWT_CYCCNT = 0;
    DWT_CTRL |= 1u;
    ek_barrier();
    uint32_t first = DWT_CYCCNT;
    ek_barrier();
    usable = DWT_CYCCNT != first;
}

uint32_t ek_cycles_now(void) { return DWT_CYCCNT; }

#else /* Armv6-M has no cycle counter */

void ek_cycles_start(void) { usable = false; }
uint32_t ek_cycles_now(void) { return 0; }

#endif
