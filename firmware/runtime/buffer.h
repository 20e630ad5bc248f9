/* The `db` command: the host fills and reads the input buffer. */
#ifndef EK_BUFFER_H
#define EK_BUFFER_H

#include <stdint.h>

void ek_buffer_command(char *arguments);
uint32_t ek_buffer_loaded_bytes(void); /* N of the last `db load N` */

#endif
