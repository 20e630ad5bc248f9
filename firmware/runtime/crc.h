/* CRC-32 (IEEE 802.3, reflected 0xEDB88320), as zlib's crc32. */
#ifndef EK_CRC_H
#define EK_CRC_H

#include <stdint.h>

uint32_t ek_crc32(const uint8_t *bytes, uint32_t count);

#endif
