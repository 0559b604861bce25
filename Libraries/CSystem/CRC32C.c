#include "CSystem.h"

#include <string.h>

// CRC-32C (Castagnoli), reflected polynomial 0x82F63B78: by the processor's instruction where it has one, else by a
// table.

static uint32_t table[256];

__attribute__((constructor)) static void fill_table(void) {
    for (uint32_t value = 0; value < 256; value++) {
        uint32_t crc = value;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
        }
        table[value] = crc;
    }
}

uint32_t writ_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    crc = ~crc;
    while (count-- > 0) {
        crc = crc >> 8 ^ table[(crc ^ *next++) & 0xFF];
    }
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    uint64_t state = ~crc;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        state = __builtin_ia32_crc32di(state, word);
    }
    for (; count > 0; count--) {
        state = __builtin_ia32_crc32qi((uint32_t)state, *next++);
    }
    return ~(uint32_t)state;
}

uint32_t writ_crc32c(uint32_t crc, const void *bytes, size_t count) {
    if (__builtin_cpu_supports("sse4.2")) {
        return by_instruction(crc, bytes, count);
    }
    return writ_crc32c_portable(crc, bytes, count);
}
#else
uint32_t writ_crc32c(uint32_t crc, const void *bytes, size_t count) { return writ_crc32c_portable(crc, bytes, count); }
#endif
