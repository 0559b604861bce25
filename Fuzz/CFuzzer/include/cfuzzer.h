// The part of libFuzzer that we call; it is linked where the build says so (scripts/fuzz).
#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

// Runs the loop of libFuzzer with its command line, and hands every input to `test`.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*test)(const uint8_t *data, size_t size));

#endif
