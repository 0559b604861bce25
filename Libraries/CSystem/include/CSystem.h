// Functions of Linux and glibc that the Swift overlay does not import: variadic, feature-gated or macro-only.
#ifndef WRIT_CSYSTEM_H
#define WRIT_CSYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#endif
