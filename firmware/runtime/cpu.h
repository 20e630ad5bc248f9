/* The few core instructions and registers that all Cortex-M share.
 * Source: Armv6-M, Armv7-M and Armv8-M Architecture Reference Manuals (DDI 0419, 0403, 0553). */
#ifndef EK_CPU_H
#define EK_CPU_H

#include <stdint.h>

#define EK_REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define EK_SCB_VTOR EK_REG(0xE000ED08u)
#define EK_SCB_CCR EK_REG(0xE000ED14u)
#define EK_SCB_CPACR EK_REG(0xE000ED88u)
#define EK_NVIC_ISER(n) EK_REG(0xE000E100u + 4u * (n))

/* Masks interrupts and returns the mask as it was. */
static inline uint32_t ek_irq_mask(void) {
    uint32_t primask;
    __asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(primask) : : "memory");
    return primask;
}

static inline void ek_irq_restore(uint32_t primask) {
    __asm volatile("msr primask, %0" : : "r"(primask) : "memory");
}

static inline void ek_irq_enable(void) { __asm volatile("cpsie i" : : : "memory"); }

static inline void ek_barrier(void) { __asm volatile("dsb\n\tisb" : : : "memory"); }

/* Sleeps until an interrupt is pending, masked or not. */
static inline void ek_wait_for_interrupt(void) { __asm volatile("dsb\n\twfi" : : : "memory"); }

static inline void ek_nvic_enable(uint32_t irq) { EK_NVIC_ISER(irq / 32u) = 1u << (irq % 32u); }

#endif
