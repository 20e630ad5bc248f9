/* Nordic nRF51: UART0 and TIMER0 (the chip has no SysTick). Source: nRF51 Series Reference
 * Manual v3.0: CLOCK section 13, GPIO 14, TIMER 18, UART 28. The board's file gives the pins
 * EK_UART_TX_PIN and EK_UART_RX_PIN. */
#include "port.h"

#include "cpu.h"
#include "port_config.h"
#include "rx.h"

#define CLOCK 0x40000000u
#define CLOCK_TASKS_HFCLKSTART EK_REG(CLOCK + 0x000u)
#define CLOCK_EVENTS_HFCLKSTARTED EK_REG(CLOCK + 0x100u)

#define UART 0x40002000u
#define UART_TASKS_STARTRX EK_REG(UART + 0x000u)
#define UART_TASKS_STARTTX EK_REG(UART + 0x008u)
#define UART_EVENTS_RXDRDY EK_REG(UART + 0x108u)
#define UART_EVENTS_TXDRDY EK_REG(UART + 0x11Cu)
#define UART_INTENSET EK_REG(UART + 0x304u)
#define UART_INTENCLR EK_REG(UART + 0x308u)
#define UART_ENABLE EK_REG(UART + 0x500u)
#define UART_PSELTXD EK_REG(UART + 0x50Cu)
#define UART_PSELRXD EK_REG(UART + 0x514u)
#define UART_RXD EK_REG(UART + 0x518u)
#define UART_TXD EK_REG(UART + 0x51Cu)
#define UART_BAUDRATE EK_REG(UART + 0x524u)
#define UART_ENABLED 4u
#define UART_INT_RXDRDY (1u << 2)
#define UART_BAUD_115200 0x01D7E000u

#define TIMER 0x40008000u
#define TIMER_TASKS_START EK_REG(TIMER + 0x000u)
#define TIMER_TASKS_CAPTURE(n) EK_REG(TIMER + 0x040u + 4u * (n))
#define TIMER_EVENTS_COMPARE(n) EK_REG(TIMER + 0x140u + 4u * (n))
#define TIMER_INTENSET EK_REG(TIMER + 0x304u)
#define TIMER_BITMODE EK_REG(TIMER + 0x508u)
#define TIMER_PRESCALER EK_REG(TIMER + 0x510u)
#define TIMER_CC(n) EK_REG(TIMER + 0x540u + 4u * (n))
#define TIMER_32_BITS 3u
#define TIMER_1_MHZ 4u /* 16 MHz / 2^4 */
#define TIMER_INT_COMPARE(n) (1u << (16u + (n)))

#define GPIO 0x50000000u
#define GPIO_OUTSET EK_REG(GPIO + 0x508u)
#define GPIO_PIN_CNF(n) EK_REG(GPIO + 0x700u + 4u * (n))
#define PIN_OUTPUT 1u
#define PIN_INPUT_PULLED_UP (3u << 2)

#if EK_BAUD != 115200 || EK_CLOCK_HZ != 16000000
#error "the nrf51 port knows 115,200 baud at 16 MHz"
#endif

static uint32_t halves; /* of the 32-bit timer's period that have passed; its top bit's count */

static void start_clock(void) {
    CLOCK_EVENTS_HFCLKSTARTED = 0;
    CLOCK_TASKS_HFCLKSTART = 1; /* the crystal: the RC oscillator is too coarse for a UART */
    while (!CLOCK_EVENTS_HFCLKSTARTED) {
    }
}

static void start_uart(void) {
    GPIO_OUTSET = 1u << EK_UART_TX_PIN; /* idle is high */
    GPIO_PIN_CNF(EK_UART_TX_PIN) = PIN_OUTPUT;
    GPIO_PIN_CNF(EK_UART_RX_PIN) = PIN_INPUT_PULLED_UP;
    UART_PSELTXD = EK_UART_TX_PIN;
    UART_PSELRXD = EK_UART_RX_PIN;
    UART_BAUDRATE = UART_BAUD_115200;
    UART_ENABLE = UART_ENABLED;
    UART_EVENTS_RXDRDY = 0;
    UART_TASKS_STARTTX = 1;
    UART_TASKS_STARTRX = 1;
    UART_INTENSET = UART_INT_RXDRDY;
    ek_nvic_enable(EK_UART_IRQ);
}

/* One interrupt in each half of the period, so that ek_port_time_us sees every half. */
static void start_timer(void) {
    TIMER_BITMODE = TIMER_32_BITS;
    TIMER_PRESCALER = TIMER_1_MHZ;
    TIMER_CC(0) = 0x40000000u;
    TIMER_CC(1) = 0xC0000000u;
    TIMER_INTENSET = TIMER_INT_COMPARE(0) | TIMER_INT_COMPARE(1);
    TIMER_TASKS_START = 1;
    ek_nvic_enable(EK_TIMER_IRQ);
}

void ek_port_init(void) {
    start_clock();
    start_uart();
    start_timer();
}

void ek_port_write(uint8_t byte) {
    UART_EVENTS_TXDRDY = 0;
    UART_TXD = byte;
    while (!UART_EVENTS_TXDRDY) {
    }
}

void ek_port_receive(void) {
    while (UART_EVENTS_RXDRDY && !ek_rx_full()) {
        UART_EVENTS_RXDRDY = 0; /* before the read, which may raise it for the next byte */
        ek_rx_put((uint8_t)UART_RXD);
    }
    if (ek_rx_full())
        UART_INTENCLR = UART_INT_RXDRDY;
    else
        UART_INTENSET = UART_INT_RXDRDY;
}

void ek_uart_handler(void) { ek_port_receive(); }

uint64_t ek_port_time_us(void) {
    uint32_t mask = ek_irq_mask();
    TIMER_TASKS_CAPTURE(3) = 1;
    uint32_t now = TIMER_CC(3);
    if ((now >> 31) != (halves & 1u)) halves++;
    uint64_t time_us = ((uint64_t)halves << 31) | (now & 0x7FFFFFFFu);
    ek_irq_restore(mask);
    return time_us;
}

void ek_timer_handler(void) {
    TIMER_EVENTS_COMPARE(0) = 0;
    TIMER_EVENTS_COMPARE(1) = 0;
    (void)ek_port_time_us();
}
