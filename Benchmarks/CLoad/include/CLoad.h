// A load generator for `POST /v1/decisions`: one thread, epoll, connections that are kept alive, one request in flight
// on each. It uses as little of the machine as it can, because it shares the machine with the gate that it measures.
#ifndef WRIT_LOAD_H
#define WRIT_LOAD_H

#include <stddef.h>
#include <stdint.h>

enum {
    writ_load_connections_max = 1024,
    writ_load_request_bytes_max = 8192,
    writ_load_key_bytes = 16,        // Hexadecimal digits.
    writ_load_attempt_bytes = 22,    // 128 bits in base64url.
    writ_load_refusal_bytes = 512,
};

// What is to be done; all pointers are borrowed for the call.
struct writ_load {
    const char *unix_path;            // Where the gate listens, or NULL for TCP.
    uint16_t port;                    // The port on 127.0.0.1.
    int connections;
    uint64_t warm_up_nanoseconds;     // What is answered before is checked and not counted.
    uint64_t nanoseconds;             // How long is measured afterwards.
    uint64_t silence_nanoseconds_max; // The run fails when no answer comes for so long.
    const uint8_t *request;           // A whole request, with room for key and attempt.
    size_t request_bytes;
    size_t key_offset;
    size_t attempt_offset;
    uint64_t seed;                    // Two runs with different upper halves share no key.
};

// What came of it.
struct writ_load_result {
    uint64_t answered;                // Counted answers, each with status 200 and `"dispatch":true`.
    uint64_t sent;                    // All requests, those of the warm-up included.
    uint64_t refused;                 // Answers of any other kind, those of the warm-up included.
    uint64_t nanoseconds;             // From the first counted moment to the last counted answer.
    uint64_t processor_nanoseconds;   // What this thread used in that time.
    int error_number;                 // Why the run broke off, or 0.
    const char *failure;              // At what, or NULL.
    char refusal[writ_load_refusal_bytes]; // The beginning of the first other answer, or of none.
};

// Runs; writes the latency of each counted answer in nanoseconds, and stops counting when there is no more room.
// Answers 0, or -1 if the run broke off.
int writ_load_run(const struct writ_load *load, uint32_t *latencies, size_t latencies_max,
                  struct writ_load_result *result);

// A TCP port on 127.0.0.1 that nobody listened on a moment ago, or -1.
int writ_load_free_port(void);

#endif
