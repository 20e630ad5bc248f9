#include "rx.h"

#include "cpu.h"
#include "port.h"

static uint8_t ring[EK_RX_BYTES];
static volatile uint32_t put_count;   /* written by the interrupt alone */
static volatile uint32_t taken_count; /* written by the console alone */

bool ek_rx_full(void) { return put_count - taken_count == EK_RX_BYTES; }

void ek_rx_put(uint8_t byte) {
    ring[put_count % EK_RX_BYTES] = byte;
    put_count++;
}

uint8_t ek_rx_take(void) {
    for (;;) {
        /* Look and sleep with interrupts masked: a byte between the two still wakes WFI. */
        uint32_t mask = ek_irq_mask();
        if (put_count != taken_count) {
            bool was_full = ek_rx_full();
            uint8_t byte = ring[taken_count % EK_RX_BYTES];
            taken_count++;
            if (was_full) ek_port_receive();
            ek_irq_restore(mask);
            return byte;
        }
        ek_wait_for_interrupt();
        ek_irq_restore(mask);
    }
}
