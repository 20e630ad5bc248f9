/* Interrupt numbers of Arm's MPS2 images. The board's file gives EK_UART_BASE and EK_UART_RX_IRQ:
 * AN385, AN386 and AN500 (ARM DAI 0385, 0386, 0500) have UART 0 at 0x40004000 with receive
 * interrupt 0; AN505 (ARM DAI 0505) has it at 0x50200000 (secure) with receive interrupt 32, AN547
 * (ARM DAI 0547) at 0x59303000 (secure) with receive interrupt 33. */
#ifndef EK_PORT_CONFIG_H
#define EK_PORT_CONFIG_H

#define EK_UART_IRQ EK_UART_RX_IRQ

#endif
