/* Commands in, answers out: ASCII commands end with '%', answers are lines that end with CR LF,
 * the last of them "m-ready". */
#ifndef EK_CONSOLE_H
#define EK_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#define EK_LINE_BYTES 528u /* "db " and the digits of 256 bytes fit; the protocol asks for 80 */

void ek_console_hello(void);
void ek_console_feed(uint8_t byte); /* runs the command when `byte` ends one */

bool ek_same(const char *a, const char *b);

/* Cuts the next word off `*rest`; null if there is none. */
char *ek_next_word(char **rest);

/* A decimal integer of at most nine digits with an optional sign; false for any other text. */
bool ek_parse_integer(const char *word, int32_t *value);

#endif
