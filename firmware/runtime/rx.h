/* The console's receive ring: the UART's interrupt puts bytes in, the console takes them out. */
#ifndef EK_RX_H
#define EK_RX_H

#include <stdbool.h>
#include <stdint.h>

#define EK_RX_BYTES 256u /* a power of two: at 115,200 baud it holds 22 ms */

bool ek_rx_full(void);
void ek_rx_put(uint8_t byte); /* from the interrupt, when not full */
uint8_t ek_rx_take(void);     /* the next byte; sleeps until there is one */

#endif
