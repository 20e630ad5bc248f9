/* From reset to main: memory, stack paint, FPU; the vector table; the fault report. */
#include <stddef.h>
#include <string.h>

#include "cpu.h"
#include "port.h"
#include "port_config.h"
#include "print.h"
#include "stack.h"

extern uint32_t ek_stack_limit[], ek_stack_top[]; /* from the linker script */
extern uint8_t ek_data_start[], ek_data_end[], ek_bss_start[], ek_bss_end[];
extern const uint8_t ek_data_load[];

int main(void);
void Reset_Handler(void);
void ek_fault_handler(void);
void ek_fault_report(const uint32_t *frame, uint32_t exception_return);

typedef union {
    const void *stack;
    void (*handler)(void);
} vector_t;

/* Only these can occur: the runtime enables no other interrupt. */
__attribute__((section(".vectors"), used)) static const vector_t vectors[] = {
    [0] = {.stack = ek_stack_top},
    [1] = {.handler = Reset_Handler},
    [2] = {.handler = ek_fault_handler}, /* NMI */
    [3] = {.handler = ek_fault_handler}, /* HardFault */
    [4] = {.handler = ek_fault_handler}, /* MemManage */
    [5] = {.handler = ek_fault_handler}, /* BusFault */
    [6] = {.handler = ek_fault_handler}, /* UsageFault */
    [7] = {.handler = ek_fault_handler}, /* SecureFault */
#ifdef EK_TIMER_IRQ
    [16 + EK_TIMER_IRQ] = {.handler = ek_timer_handler},
#else
    [15] = {.handler = ek_systick_handler},
#endif
    [16 + EK_UART_IRQ] = {.handler = ek_uart_handler},
};

void Reset_Handler(void) {
#if defined(__ARM_FP)
    EK_SCB_CPACR |= 0xFu << 20; /* full access to CP10 and CP11, the FPU and Helium */
    ek_barrier();
#endif
#if defined(__ARM_FEATURE_MVE)
    EK_SCB_CCR |= 1u << 19; /* the loop cache of low-overhead branches */
    ek_barrier();
#endif
#if __ARM_ARCH >= 7
    EK_SCB_VTOR = (uint32_t)(uintptr_t)vectors;
#endif
    ek_stack_paint();
    memcpy(ek_data_start, ek_data_load, (size_t)(ek_data_end - ek_data_start));
    memset(ek_bss_start, 0, (size_t)(ek_bss_end - ek_bss_start));
    main();
    for (;;) ek_wait_for_interrupt();
}

/* Passes the stacked frame on, with the stack pointer set back to the top: the fault may have
 * been a full stack. */
__attribute__((naked)) void ek_fault_handler(void) {
    __asm volatile(
        "cpsid i\n\t"
        "mov r0, sp\n\t"
        "mov r1, lr\n\t"
        "ldr r2, =ek_stack_top\n\t"
        "mov sp, r2\n\t"
        "bl ek_fault_report\n\t"
        "b .\n\t"
        ".ltorg");
}

/* Frame: r0-r3, r12, lr, pc, xpsr, as the core stacks them. One line, then nothing more. */
__attribute__((used)) void ek_fault_report(const uint32_t *frame, uint32_t exception_return) {
    bool whole = frame >= ek_stack_limit && frame + 8 <= ek_stack_top;
    ek_print("\r\ne-[fault pc=0x");
    ek_print_hex(whole ? frame[6] : 0, 8);
    ek_print(" lr=0x");
    ek_print_hex(whole ? frame[5] : exception_return, 8);
    ek_print(whole ? "]\r\n" : " stack overflow]\r\n");
    for (;;) ek_wait_for_interrupt();
}
