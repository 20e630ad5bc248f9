/* SysTick, Armv7-M Architecture Reference Manual (DDI 0403) section B3.3. */
#include "systick.h"

#include "cpu.h"
#include "port.h"

#define CSR EK_REG(0xE000E010u)
#define RVR EK_REG(0xE000E014u)
#define CVR EK_REG(0xE000E018u)

#define CSR_ENABLE (1u << 0)
#define CSR_TICKINT (1u << 1)
#define CSR_CORE_CLOCK (1u << 2)
#define CSR_COUNTFLAG (1u << 16) /* set as the counter reaches 0, cleared by reading CSR */

#define RELOAD 0xFFFFFFu

static uint64_t periods; /* times that the counter has reached 0 */

void ek_systick_start(void) {
    RVR = RELOAD;
    CVR = 0;
    CSR = CSR_ENABLE | CSR_TICKINT | CSR_CORE_CLOCK;
}

/* 0 stands for one tick between two periods and belongs to either: wait it out. */
static uint32_t counter(void) {
    uint32_t value;
    do {
        value = CVR;
    } while (value == 0);
    return value;
}

uint64_t ek_systick_ticks(void) {
    uint32_t mask = ek_irq_mask();
    uint32_t value = counter();
    if (CSR & CSR_COUNTFLAG) {
        periods++;
        value = counter();
    }
    uint64_t ticks = periods * (RELOAD + 1u) + (RELOAD + 1u - value);
    ek_irq_restore(mask);
    return ticks;
}

/* Reading the count once a period is enough to miss none. */
void ek_systick_handler(void) { (void)ek_systick_ticks(); }
