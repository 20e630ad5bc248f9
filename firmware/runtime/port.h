/* What a port gives to the runtime. A port folder holds port_config.h (the constants below)
 * and port.c (the functions).
 *
 * port_config.h:
 *   EK_UART_IRQ    number of the console's receive interrupt
 *   EK_TIMER_IRQ   number of the time base's interrupt, where that is not SysTick
 * From the board's file: EK_CLOCK_HZ, EK_BAUD and the board's own defines.
 */
#ifndef EK_PORT_H
#define EK_PORT_H

#include <stdbool.h>
#include <stdint.h>

/* Clocks, console and time base. Called once, with interrupts masked. */
void ek_port_init(void);

/* Sends one byte, waiting while the transmitter is full. */
void ek_port_write(uint8_t byte);

/* Moves received bytes into the ring (rx.h). Where the ring is full it leaves the byte in the
 * UART and turns the receive interrupt off; else it turns the interrupt on. Interrupts masked. */
void ek_port_receive(void);

/* Microseconds since boot; does not wrap in any device's life. */
uint64_t ek_port_time_us(void);

/* Interrupt handlers, named in the vector table. */
void ek_uart_handler(void);
void ek_timer_handler(void);
void ek_systick_handler(void);

#endif
