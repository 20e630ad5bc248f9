/* The runtime's port on the host: stdin and stdout, a clock that advances by two minutes at each
 * look, and a cycle counter that fits it: the timed loop sees two looks at the clock and one at
 * the counter, 6,000,000,000 cycles at 25 MHz. */
#include "port.h"

#include <stdio.h>

#include "console.h"
#include "cycles.h"
#include "stack.h"

void ek_port_write(uint8_t byte) { putchar(byte); }

uint64_t ek_port_time_us(void) {
    static uint64_t time_us;
    return time_us += 120000000u;
}

uint32_t ek_stack_used_bytes(void) { return 0; }
bool ek_cycles_usable(void) { return true; }
uint32_t ek_cycles_now(void) {
    static uint32_t cycles;
    return cycles += (uint32_t)6000000000u;
}

int main(void) {
    int byte;
    ek_console_hello();
    while ((byte = getchar()) != EOF) ek_console_feed((uint8_t)byte);
    return 0;
}
