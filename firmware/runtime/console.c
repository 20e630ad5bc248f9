#include "console.h"

#include <string.h>

#include "buffer.h"
#include "device.h"
#include "dut.h"
#include "port.h"
#include "print.h"

static char line[EK_LINE_BYTES];
static uint32_t length; /* of the command so far, cut short or not */

bool ek_same(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

char *ek_next_word(char **rest) {
    char *start = *rest;
    while (*start == ' ') start++;
    char *end = start;
    while (*end && *end != ' ') end++;
    *rest = end;
    if (end == start) return NULL;
    if (*end) {
        *end = 0;
        *rest = end + 1;
    }
    return start;
}

bool ek_parse_integer(const char *word, int32_t *value) {
    bool negative = *word == '-';
    if (*word == '-' || *word == '+') word++;
    int32_t magnitude = 0;
    int digits = 0;
    for (; *word >= '0' && *word <= '9' && digits < 10; word++, digits++)
        magnitude = digits < 9 ? magnitude * 10 + (*word - '0') : 0;
    *value = negative ? -magnitude : magnitude;
    return *word == 0 && digits >= 1 && digits <= 9;
}

static void help(void) {
    ek_print("edgekit firmware; a command ends with %\r\n"
             "name profile timestamp help results\r\n"
             "db load N | db HH.. | db print [N] [offset]\r\n"
             "infer N [warmup]\r\n"
             "ek-info ek-crc ek-output [I] ek-stack ek-cycles\r\n");
}

static void unknown(const char *command) {
    ek_print("e-[Unknown command: ");
    ek_print_text(command);
    ek_print("]\r\n");
}

static void run_command(char *rest) {
    char *command = ek_next_word(&rest);
    if (!command) return;
    if (ek_same(command, "name")) ek_dut_name();
    else if (ek_same(command, "profile")) ek_dut_profile();
    else if (ek_same(command, "timestamp")) ek_print_lap(ek_port_time_us());
    else if (ek_same(command, "help")) help();
    else if (ek_same(command, "db")) ek_buffer_command(rest);
    else if (ek_same(command, "infer")) ek_dut_infer(rest);
    else if (ek_same(command, "results")) ek_dut_results();
    else if (ek_same(command, "ek-info")) ek_device_info();
    else if (ek_same(command, "ek-crc")) ek_device_crc();
    else if (ek_same(command, "ek-output")) ek_device_output(rest);
    else if (ek_same(command, "ek-stack")) ek_device_stack();
    else if (ek_same(command, "ek-cycles")) ek_device_cycles();
    else unknown(command);
}

void ek_console_hello(void) {
    ek_print("m-timestamp-mode-performance\r\n");
    ek_print_lap(ek_port_time_us());
    ek_print("m-init-done\r\nm-ready\r\n");
}

void ek_console_feed(uint8_t byte) {
    if (byte == '%') {
        if (length >= EK_LINE_BYTES) {
            ek_print("e-[Command too long]\r\n");
        } else {
            line[length] = 0;
            run_command(line);
        }
        ek_print("m-ready\r\n");
        length = 0;
    } else if (byte != '\r' && byte != '\n' && byte != 0) {
        /* Line ends are for people at a terminal; a NUL would end the command's text. */
        if (length < EK_LINE_BYTES) line[length++] = (char)byte;
    }
}
