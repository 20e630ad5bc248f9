/* ST STM32F405: USART1 on PB6 (TX) and PB7 (RX), SysTick, 168 MHz. Source: RM0090: FLASH
 * section 3.9, RCC 7.3, GPIO 8.4, USART 30.6; alternate functions from the data sheet (DS8626).
 *
 * The PLL runs from the internal 16 MHz oscillator, so that the same firmware runs on boards with
 * any crystal or none; its times are good to 1 %. qemu models no clocks: every status there reads
 * 0 while SysTick runs at 168 MHz, so waiting for a clock has an end. */
#include "port.h"

#include "cpu.h"
#include "port_config.h"
#include "rx.h"
#include "systick.h"

#define RCC 0x40023800u
#define RCC_CR EK_REG(RCC + 0x00u)
#define RCC_PLLCFGR EK_REG(RCC + 0x04u)
#define RCC_CFGR EK_REG(RCC + 0x08u)
#define RCC_AHB1ENR EK_REG(RCC + 0x30u)
#define RCC_APB2ENR EK_REG(RCC + 0x44u)
#define CR_PLL_ON (1u << 24)
#define CR_PLL_READY (1u << 25)
/* 16 MHz / 8 * 168 = 336 MHz; / 2 for the core; / 7 for the 48 MHz domain. Source: HSI. */
#define PLL_168_MHZ (8u | (168u << 6) | (0u << 16) | (0u << 22) | (7u << 24))
#define CFGR_APB1_BY_4 (5u << 10)
#define CFGR_APB2_BY_2 (4u << 13)
#define CFGR_USE_PLL 2u
#define CFGR_PLL_IN_USE (2u << 2)
#define AHB1ENR_GPIOB (1u << 1)
#define APB2ENR_USART1 (1u << 4)

#define FLASH_ACR EK_REG(0x40023C00u)
#define ACR_5_WAIT_STATES 5u /* for 168 MHz at 2.7 to 3.6 V */
#define ACR_PREFETCH_AND_CACHES (7u << 8)

#define GPIOB 0x40020400u
#define GPIO_MODER EK_REG(GPIOB + 0x00u)
#define GPIO_PUPDR EK_REG(GPIOB + 0x0Cu)
#define GPIO_AFRL EK_REG(GPIOB + 0x20u)

#define USART1 0x40011000u
#define USART_SR EK_REG(USART1 + 0x00u)
#define USART_DR EK_REG(USART1 + 0x04u)
#define USART_BRR EK_REG(USART1 + 0x08u)
#define USART_CR1 EK_REG(USART1 + 0x0Cu)
#define SR_OVERRUN (1u << 3)
#define SR_RECEIVED (1u << 5)
#define SR_TX_EMPTY (1u << 7)
#define CR1_ENABLE ((1u << 13) | (1u << 3) | (1u << 2)) /* USART, transmitter, receiver */
#define CR1_RX_INTERRUPT (1u << 5)

#if EK_CLOCK_HZ != 168000000
#error "the stm32f4 port runs at 168 MHz"
#endif

static void wait_for(volatile uint32_t *status, uint32_t bits) {
    for (uint32_t tries = 0; tries < 20000u && (*status & bits) != bits; tries++) {
    }
}

static void start_clock(void) {
    FLASH_ACR = ACR_5_WAIT_STATES | ACR_PREFETCH_AND_CACHES;
    RCC_PLLCFGR = PLL_168_MHZ;
    RCC_CR |= CR_PLL_ON;
    wait_for(&RCC_CR, CR_PLL_READY); /* at most 200 us, DS8626 table 36 */
    RCC_CFGR = CFGR_APB1_BY_4 | CFGR_APB2_BY_2 | CFGR_USE_PLL;
    wait_for(&RCC_CFGR, CFGR_PLL_IN_USE);
}

static void start_uart(void) {
    RCC_AHB1ENR |= AHB1ENR_GPIOB;
    RCC_APB2ENR |= APB2ENR_USART1;
    (void)RCC_APB2ENR; /* the clock is on two cycles after its bit */
    GPIO_AFRL = (GPIO_AFRL & ~0xFF000000u) | 0x77000000u; /* AF7: USART1 */
    GPIO_PUPDR = (GPIO_PUPDR & ~0x0000F000u) | 0x00004000u; /* RX pulled up */
    GPIO_MODER = (GPIO_MODER & ~0x0000F000u) | 0x0000A000u; /* alternate function */
    USART_BRR = (EK_CLOCK_HZ / 2u + EK_BAUD / 2u) / EK_BAUD;
    USART_CR1 = CR1_ENABLE | CR1_RX_INTERRUPT;
    ek_nvic_enable(EK_UART_IRQ);
}

void ek_port_init(void) {
    start_clock();
    start_uart();
    ek_systick_start();
}

void ek_port_write(uint8_t byte) {
    while (!(USART_SR & SR_TX_EMPTY)) {
    }
    USART_DR = byte;
}

void ek_port_receive(void) {
    uint32_t status;
    while (((status = USART_SR) & (SR_RECEIVED | SR_OVERRUN)) && !ek_rx_full()) {
        uint8_t byte = (uint8_t)USART_DR; /* reading SR, then DR, also clears an overrun */
        if (status & SR_RECEIVED) ek_rx_put(byte);
    }
    USART_CR1 = CR1_ENABLE | (ek_rx_full() ? 0 : CR1_RX_INTERRUPT);
}

void ek_uart_handler(void) { ek_port_receive(); }

uint64_t ek_port_time_us(void) { return ek_systick_ticks() / (EK_CLOCK_HZ / 1000000u); }
