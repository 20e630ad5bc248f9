/* Interrupt numbers: nRF51 Series Reference Manual v3.0, section 10 (instance table). */
#ifndef EK_PORT_CONFIG_H
#define EK_PORT_CONFIG_H

#define EK_UART_IRQ 2
#define EK_TIMER_IRQ 8

#endif
