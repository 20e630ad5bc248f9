#include "device.h"

#include "app.h"
#include "buffer.h"
#include "console.h"
#include "crc.h"
#include "inference.h"
#include "print.h"
#include "stack.h"

static void print_line(const char *key, const char *value) {
    ek_print("m-ek-");
    ek_print(key);
    ek_print("-[");
    ek_print(value);
    ek_print("]\r\n");
}

static void print_number(const char *key, uint64_t value) {
    ek_print("m-ek-");
    ek_print(key);
    ek_print("-[");
    ek_print_decimal(value);
    ek_print("]\r\n");
}

static void print_crc(const uint8_t *bytes, uint32_t count) {
    ek_print("m-ek-crc-[");
    ek_print_hex(ek_crc32(bytes, count), 8);
    ek_print("]\r\n");
}

void ek_device_info(void) {
    print_line("version", ek_app.version);
    print_line("manifest", ek_app.manifest_sha256);
    print_line("board", ek_app.board);
    print_number("arena", ek_app.arena_bytes);
    print_number("stack-size", ek_app.stack_bytes);
    print_number("buffer", ek_app.buffer_bytes);
    print_number("line", EK_LINE_BYTES);
}

void ek_device_crc(void) { print_crc(ek_app.buffer, ek_buffer_loaded_bytes()); }

void ek_device_output(char *arguments) {
    char *word = ek_next_word(&arguments);
    int32_t index = 0;
    if (word && (!ek_parse_integer(word, &index) || index < 0 ||
                 (uint32_t)index >= ek_app.output_count)) {
        ek_print("e-[No such output]\r\n");
        return;
    }
    const uint8_t *bytes = ek_model_output(index);
    uint32_t count = ek_tensor_bytes(index);
    for (uint32_t i = 0; i < count; i++) {
        if (i % 32 == 0) ek_print("m-ek-output-[");
        ek_print_hex(bytes[i], 2);
        if (i % 32 == 31 || i + 1 == count) ek_print("]\r\n");
    }
    print_crc(bytes, count);
}

void ek_device_stack(void) { print_number("stack", ek_stack_used_bytes()); }

void ek_device_cycles(void) {
    uint64_t cycles;
    if (ek_last_cycles(&cycles))
        print_number("cycles", cycles);
    else
        print_line("cycles", "none");
}
