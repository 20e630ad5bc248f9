/* Prints each little-endian float of stdin on a line of its own. */
#include <stdio.h>

#include "port.h"
#include "print.h"

void ek_port_write(uint8_t byte) { putchar(byte); }

int main(void) {
    float value;
    while (fread(&value, sizeof value, 1, stdin) == 1) {
        ek_print_float(value);
        putchar('\n');
    }
    return 0;
}
