/* Records of 4 bytes on stdin: operation, to, from, count, done on 256 bytes that are printed at
 * the end. The functions under test carry other names, so that the sanitizers keep their own. */
#include <stdio.h>

#include "string.h"

int main(void) {
    static unsigned char memory[256];
    unsigned char record[4];
    for (int i = 0; i < 256; i++) memory[i] = (unsigned char)i;
    while (fread(record, 1, 4, stdin) == 4) {
        unsigned char *to = memory + record[1] % 128, *from = memory + record[2] % 128;
        size_t count = record[3] % 128;
        switch (record[0] % 3) {
            case 0: ek_test_memmove(to, from, count); break;
            case 1: ek_test_memset(to, record[2], count); break;
            default: /* apart by more than count */
                ek_test_memcpy(memory + 128 + record[1] % 8, memory + record[2] % 8, count % 120);
        }
    }
    fwrite(memory, 1, 256, stdout);
    return 0;
}
