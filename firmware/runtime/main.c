#include "console.h"
#include "cpu.h"
#include "cycles.h"
#include "port.h"
#include "rx.h"

int main(void) {
    ek_irq_mask(); /* reset leaves interrupts on */
    ek_port_init();
    ek_cycles_start();
    ek_irq_enable();
    ek_console_hello();
    for (;;) ek_console_feed(ek_rx_take());
}
