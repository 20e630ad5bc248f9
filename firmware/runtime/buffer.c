#include "buffer.h"

#include "app.h"
#include "console.h"
#include "print.h"

static uint32_t expected; /* bytes, from `db load` */
static uint32_t filled;   /* bytes of them that have come */

uint32_t ek_buffer_loaded_bytes(void) { return expected; }

static void load(char *arguments) {
    char *word = ek_next_word(&arguments);
    int32_t count;
    if (!word) {
        ek_print("e-[Command 'db load' requires the # of bytes]\r\n");
    } else if (!ek_parse_integer(word, &count) || count <= 0) {
        ek_print("e-[Command 'db load' must be >0 bytes]\r\n");
    } else if ((uint32_t)count > ek_app.buffer_bytes) {
        ek_print("e-[Supplied buffer size ");
        ek_print_decimal((uint32_t)count);
        ek_print(" exceeds maximum of ");
        ek_print_decimal(ek_app.buffer_bytes);
        ek_print("]\r\n");
    } else {
        expected = (uint32_t)count;
        filled = 0;
        ek_print("m-[Expecting ");
        ek_print_decimal(expected);
        ek_print(" bytes]\r\n");
    }
}

/* An absent word leaves the default; a bad one is an error. */
static int parse_optional(char *word, uint32_t *value) {
    int32_t number;
    if (!word) return 1;
    if (!ek_parse_integer(word, &number) || number < 0) return 0;
    *value = (uint32_t)number;
    return 1;
}

static void print(char *arguments) {
    uint32_t offset = 0, count = expected;
    char *first = ek_next_word(&arguments);
    char *second = ek_next_word(&arguments);
    if (!parse_optional(first, &count) || !parse_optional(second, &offset) || offset > expected) {
        ek_print("e-[Command 'db print' takes a # of bytes and an offset in the buffer]\r\n");
        return;
    }
    if (count > expected - offset) count = expected - offset;
    for (uint32_t i = 0; i < count; i++) {
        ek_print(i % 8 == 0 ? "m-buffer-" : "-");
        ek_print_hex(ek_app.buffer[offset + i], 2);
        if (i % 8 == 7 || i + 1 == count) ek_print("\r\n");
    }
}

static int nibble(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

/* True if every pair is a byte: a faulty command changes nothing, so that it can be sent again. */
static int check_digits(const char *digits) {
    for (const char *pair = digits; *pair; pair += 2) {
        if (!pair[1]) {
            ek_print("e-[Insufficent number of hex digits]\r\n"); /* the suite spells it so */
            return 0;
        }
    }
    for (const char *pair = digits; *pair; pair += 2) {
        if (nibble(pair[0]) < 0 || nibble(pair[1]) < 0) {
            char text[3] = {pair[0], pair[1], 0};
            ek_print("e-[Invalid hex digit '");
            ek_print_text(text);
            ek_print("']\r\n");
            return 0;
        }
    }
    return 1;
}

static void fill(const char *digits) {
    if (!check_digits(digits)) return;
    if (filled == expected) {
        ek_print("e-[Command 'db load' must come first]\r\n");
        return;
    }
    for (; *digits && filled < expected; digits += 2)
        ek_app.buffer[filled++] = (uint8_t)(nibble(digits[0]) * 16 + nibble(digits[1]));
    if (filled == expected) ek_print("m-load-done\r\n");
}

void ek_buffer_command(char *arguments) {
    char *word = ek_next_word(&arguments);
    if (!word)
        ek_print("e-[Command 'db' requires a subcommand]\r\n");
    else if (ek_same(word, "load"))
        load(arguments);
    else if (ek_same(word, "print"))
        print(arguments);
    else
        fill(word);
}
