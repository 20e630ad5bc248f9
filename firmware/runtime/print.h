/* Text to the console. */
#ifndef EK_PRINT_H
#define EK_PRINT_H

#include <stdint.h>

void ek_print(const char *text);
void ek_print_text(const char *text); /* from the host: what is not printable ASCII becomes '?' */
void ek_print_decimal(uint64_t value);
void ek_print_hex(uint32_t value, int digits); /* lower case, the lowest `digits` nibbles */
void ek_print_float(float value);              /* as printf("%0.3f") */
void ek_print_lap(uint64_t time_us);           /* the line m-lap-us-N */

#endif
