#include "print.h"

#include <string.h>

#include "port.h"

static void print_character(char character) { ek_port_write((uint8_t)character); }

void ek_print(const char *text) {
    while (*text) print_character(*text++);
}

void ek_print_text(const char *text) {
    for (; *text; text++) print_character(*text >= ' ' && *text <= '~' ? *text : '?');
}

void ek_print_decimal(uint64_t value) {
    char digits[20]; /* of 2^64 - 1 */
    int count = 0;
    do {
        digits[count++] = (char)('0' + (int)(value % 10u));
        value /= 10u;
    } while (value != 0);
    while (count > 0) print_character(digits[--count]);
}

void ek_print_hex(uint32_t value, int digits) {
    while (digits-- > 0) print_character("0123456789abcdef"[(value >> (4 * digits)) & 15u]);
}

/* significand * 2^shift, shift >= 0, as decimal digits: schoolbook division of 160 bits by 10^9. */
static void print_large(uint32_t significand, int shift) {
    uint32_t words[5] = {0}; /* little-endian; a float is below 2^128 */
    uint64_t wide = (uint64_t)significand << (shift % 32);
    words[shift / 32] = (uint32_t)wide;
    words[shift / 32 + 1] = (uint32_t)(wide >> 32);
    uint32_t groups[5]; /* of nine digits */
    int count = 0, top = 4;
    while (top >= 0 && words[top] == 0) top--;
    while (top >= 0) {
        uint64_t rest = 0;
        for (int i = top; i >= 0; i--) {
            rest = (rest << 32) | words[i];
            words[i] = (uint32_t)(rest / 1000000000u);
            rest %= 1000000000u;
        }
        groups[count++] = (uint32_t)rest;
        while (top >= 0 && words[top] == 0) top--;
    }
    ek_print_decimal(groups[--count]);
    while (count > 0) {
        uint32_t group = groups[--count];
        for (uint32_t unit = 100000000u; unit > 0; unit /= 10u)
            print_character((char)('0' + (int)(group / unit % 10u)));
    }
}

/* Exact: the value is rounded once, from its binary form, ties to even, as C's printf does. */
void ek_print_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    int exponent = (int)((bits >> 23) & 255u);
    uint32_t significand = bits & 0x7FFFFFu;
    if (exponent == 255) {
        ek_print(significand ? "nan" : (bits >> 31) ? "-inf" : "inf");
        return;
    }
    if (bits >> 31) print_character('-');
    significand |= exponent ? 0x800000u : 0;
    int shift = (exponent ? exponent : 1) - 150; /* value = significand * 2^shift */
    if (shift >= 0) {
        print_large(significand, shift);
        ek_print(".000");
        return;
    }
    uint64_t thousandths = 0; /* significand * 1000 is below 2^34, so 2^-36 of it rounds to 0 */
    if (shift > -36) {
        uint64_t scaled = (uint64_t)significand * 1000u;
        uint64_t half = (uint64_t)1 << (-shift - 1);
        uint64_t rest = scaled & (2u * half - 1u);
        thousandths = scaled >> -shift;
        if (rest > half || (rest == half && (thousandths & 1u))) thousandths++;
    }
    uint32_t fraction = (uint32_t)(thousandths % 1000u);
    ek_print_decimal(thousandths / 1000u);
    print_character('.');
    print_character((char)('0' + (int)(fraction / 100u)));
    print_character((char)('0' + (int)(fraction / 10u % 10u)));
    print_character((char)('0' + (int)(fraction % 10u)));
}

void ek_print_lap(uint64_t time_us) {
    ek_print("m-lap-us-");
    ek_print_decimal(time_us);
    ek_print("\r\n");
}
