/* Interrupt numbers: RM0090 (STM32F405/407/415/417/42x/43x), table 61. */
#ifndef EK_PORT_CONFIG_H
#define EK_PORT_CONFIG_H

#define EK_UART_IRQ 37

#endif
