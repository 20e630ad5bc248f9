/* Arm MPS2/MPS2+ FPGA boards: the CMSDK APB UART (Cortex-M System Design Kit Technical Reference
 * Manual, ARM DDI 0479, section 4.3) and SysTick, both on the board's one clock. */
#include "port.h"

#include "cpu.h"
#include "port_config.h"
#include "rx.h"
#include "systick.h"

#define DATA EK_REG(EK_UART_BASE + 0x00u)
#define STATE EK_REG(EK_UART_BASE + 0x04u)
#define CTRL EK_REG(EK_UART_BASE + 0x08u)
#define INTCLEAR EK_REG(EK_UART_BASE + 0x0Cu)
#define BAUDDIV EK_REG(EK_UART_BASE + 0x10u)

#define STATE_TX_FULL (1u << 0)
#define STATE_RX_FULL (1u << 1)
#define CTRL_TX_ENABLE (1u << 0)
#define CTRL_RX_ENABLE (1u << 1)
#define CTRL_RX_INTERRUPT (1u << 3)
#define INT_RX (1u << 1)

#if EK_CLOCK_HZ % 1000000 != 0
#error "the mps2 port needs a clock of whole megahertz"
#endif

void ek_port_init(void) {
    BAUDDIV = (EK_CLOCK_HZ + EK_BAUD / 2u) / EK_BAUD;
    CTRL = CTRL_TX_ENABLE | CTRL_RX_ENABLE | CTRL_RX_INTERRUPT;
    ek_nvic_enable(EK_UART_IRQ);
    ek_systick_start();
}

void ek_port_write(uint8_t byte) {
    while (STATE & STATE_TX_FULL) {
    }
    DATA = byte;
}

/* The UART raises its interrupt only for a byte that arrives while the interrupt is on: it goes on
 * before the look at STATE, or a byte between the two would wait for ever. */
void ek_port_receive(void) {
    INTCLEAR = INT_RX;
    CTRL = CTRL_TX_ENABLE | CTRL_RX_ENABLE | CTRL_RX_INTERRUPT;
    while ((STATE & STATE_RX_FULL) && !ek_rx_full()) ek_rx_put((uint8_t)DATA);
    if (ek_rx_full()) CTRL = CTRL_TX_ENABLE | CTRL_RX_ENABLE;
}

void ek_uart_handler(void) { ek_port_receive(); }

uint64_t ek_port_time_us(void) { return ek_systick_ticks() / (EK_CLOCK_HZ / 1000000u); }
