#include "cfuzzer.h"

// The library's own `main` wants this function. It never runs: the program has a `main` of its own.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)data;
    (void)size;
    return 0;
}
