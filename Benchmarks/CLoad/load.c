#define _GNU_SOURCE
#include "CLoad.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { answer_bytes_max = 65536, events_max = 256 };

struct connection {
    int socket;
    size_t received;
    size_t expected; // The whole answer, once its head was read.
    size_t body;     // Where the body begins.
    uint64_t sent_at;
    uint8_t *answer; // answer_bytes_max bytes, and a zero behind what was received.
};

struct run {
    const struct writ_load *load;
    struct writ_load_result *result;
    struct connection *connections;
    int epoll;
    int in_flight;
    uint64_t counter;
    uint64_t count_from;
    uint64_t end;
    uint32_t *latencies;
    size_t latencies_max;
    uint8_t request[writ_load_request_bytes_max];
};

static uint64_t clock_nanoseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int fail(struct run *run, const char *what, int number) {
    if (run->result->failure == NULL) {
        run->result->failure = what;
        run->result->error_number = number;
    }
    return -1;
}

// SplitMix64: a bijection, so that different counters never give the same word.
static uint64_t mix(uint64_t word) {
    word += 0x9E3779B97F4A7C15u;
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    return word ^ (word >> 31);
}

static void write_key(uint8_t *into, uint64_t word) {
    static const char digits[] = "0123456789abcdef";
    for (int index = 0; index < writ_load_key_bytes; index++) {
        into[index] = (uint8_t)digits[word & 15];
        word >>= 4;
    }
}

// 128 bits are 21 characters of six bits and one of two: the last has only four spellings.
static void write_attempt(uint8_t *into, uint64_t first, uint64_t second) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int index = 0; index < 10; index++) {
        into[index] = (uint8_t)digits[first & 63];
        into[index + 10] = (uint8_t)digits[second & 63];
        first >>= 6;
        second >>= 6;
    }
    into[20] = (uint8_t)digits[(first << 2 | (second & 3)) & 63];
    into[21] = (uint8_t)digits[(second >> 2 & 3) << 4];
}

static int connect_one(struct run *run, struct connection *connection) {
    const struct writ_load *load = run->load;
    int is_unix = load->unix_path != NULL;
    connection->socket = socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->socket < 0) return fail(run, "make a socket", errno);
    int outcome;
    if (is_unix) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        if (strlen(load->unix_path) >= sizeof address.sun_path) return fail(run, "connect", ENAMETOOLONG);
        strcpy(address.sun_path, load->unix_path);
        outcome = connect(connection->socket, (const struct sockaddr *)&address, sizeof address);
    } else {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(load->port)};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int on = 1;
        setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        outcome = connect(connection->socket, (const struct sockaddr *)&address, sizeof address);
    }
    if (outcome != 0) return fail(run, "connect", errno);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(run->epoll, EPOLL_CTL_ADD, connection->socket, &event) != 0) return fail(run, "watch", errno);
    connection->answer = malloc(answer_bytes_max + 1);
    return connection->answer == NULL ? fail(run, "allocate", ENOMEM) : 0;
}

// A request is far smaller than a socket's buffer, which is empty because the answer before has come.
static int send_next(struct run *run, struct connection *connection) {
    uint64_t number = run->load->seed + run->counter++;
    write_key(run->request + run->load->key_offset, mix(number));
    write_attempt(run->request + run->load->attempt_offset, mix(~number), mix(number ^ 0x5555555555555555u));
    connection->received = 0;
    connection->expected = 0;
    connection->sent_at = clock_nanoseconds(CLOCK_MONOTONIC);
    ssize_t sent = send(connection->socket, run->request, run->load->request_bytes, MSG_NOSIGNAL);
    if (sent != (ssize_t)run->load->request_bytes) return fail(run, "send", sent < 0 ? errno : EMSGSIZE);
    run->result->sent++;
    run->in_flight++;
    return 0;
}

// Reads what the head says of the length; 0 while the head is not complete.
static int read_head(struct run *run, struct connection *connection) {
    static const char name[] = "\r\ncontent-length:";
    const char *text = (const char *)connection->answer;
    const char *end = memmem(text, connection->received, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    for (const char *line = text; line < end; line++) {
        line = memchr(line, '\r', (size_t)(end - line));
        if (line == NULL) break;
        if (strncasecmp(line, name, sizeof name - 1) != 0) continue;
        connection->body = (size_t)(end - text) + 4;
        connection->expected = connection->body + strtoul(line + sizeof name - 1, NULL, 10);
        return connection->expected > answer_bytes_max ? fail(run, "take an answer of that length", EMSGSIZE) : 0;
    }
    return fail(run, "find the length of an answer", EPROTO);
}

static int permits(const struct connection *connection) {
    static const char status[] = "HTTP/1.1 200 ";
    static const char member[] = "\"dispatch\":true";
    if (memcmp(connection->answer, status, sizeof status - 1) != 0) return 0;
    return memmem(connection->answer + connection->body, connection->expected - connection->body, member,
                  sizeof member - 1) != NULL;
}

static void take_answer(struct run *run, const struct connection *connection, uint64_t now) {
    struct writ_load_result *result = run->result;
    run->in_flight--;
    if (!permits(connection)) {
        if (result->refused++ == 0) {
            size_t count = connection->received < writ_load_refusal_bytes - 1 ? connection->received
                                                                              : writ_load_refusal_bytes - 1;
            memcpy(result->refusal, connection->answer, count);
            result->refusal[count] = 0;
        }
        return;
    }
    if (now < run->count_from || now > run->end || result->answered == run->latencies_max) return;
    uint64_t latency = now - connection->sent_at;
    run->latencies[result->answered++] = latency > UINT32_MAX ? UINT32_MAX : (uint32_t)latency;
    result->nanoseconds = now - run->count_from;
}

static int receive(struct run *run, struct connection *connection) {
    ssize_t count = recv(connection->socket, connection->answer + connection->received,
                         answer_bytes_max - connection->received, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (count <= 0) return fail(run, "receive", count == 0 ? ECONNRESET : errno);
    connection->received += (size_t)count;
    connection->answer[connection->received] = 0;
    if (connection->expected == 0 && read_head(run, connection) != 0) return -1;
    if (connection->expected == 0 || connection->received < connection->expected) return 0;
    if (connection->received > connection->expected) return fail(run, "end an answer where its length says", EPROTO);
    uint64_t now = clock_nanoseconds(CLOCK_MONOTONIC);
    take_answer(run, connection, now);
    return now < run->end ? send_next(run, connection) : 0;
}

static int run_events(struct run *run) {
    struct epoll_event events[events_max];
    int silence = (int)(run->load->silence_nanoseconds_max / 1000000u);
    uint64_t processor_from = 0;
    while (run->in_flight > 0) {
        int count = epoll_wait(run->epoll, events, events_max, silence);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(run, "wait", errno);
        if (count == 0) return fail(run, "get an answer in time", ETIMEDOUT);
        if (processor_from == 0 && run->result->answered > 0) {
            processor_from = clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
        }
        for (int index = 0; index < count; index++) {
            if (receive(run, events[index].data.ptr) != 0) return -1;
        }
    }
    run->result->processor_nanoseconds = clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID) - processor_from;
    return 0;
}

static int run_all(struct run *run) {
    const struct writ_load *load = run->load;
    if (load->connections < 1 || load->connections > writ_load_connections_max ||
        load->request_bytes > writ_load_request_bytes_max ||
        load->key_offset + writ_load_key_bytes > load->request_bytes ||
        load->attempt_offset + writ_load_attempt_bytes > load->request_bytes)
        return fail(run, "understand what to do", EINVAL);
    memcpy(run->request, load->request, load->request_bytes);
    run->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (run->epoll < 0) return fail(run, "make an epoll", errno);
    for (int index = 0; index < load->connections; index++) {
        if (connect_one(run, &run->connections[index]) != 0) return -1;
    }
    run->count_from = clock_nanoseconds(CLOCK_MONOTONIC) + load->warm_up_nanoseconds;
    run->end = run->count_from + load->nanoseconds;
    for (int index = 0; index < load->connections; index++) {
        if (send_next(run, &run->connections[index]) != 0) return -1;
    }
    return run_events(run);
}

int writ_load_run(const struct writ_load *load, uint32_t *latencies, size_t latencies_max,
                  struct writ_load_result *result) {
    memset(result, 0, sizeof *result);
    struct connection *connections = calloc(writ_load_connections_max, sizeof *connections);
    struct run *run = calloc(1, sizeof *run);
    int outcome = -1;
    if (connections == NULL || run == NULL) {
        result->failure = "allocate";
        result->error_number = ENOMEM;
    } else {
        for (int index = 0; index < writ_load_connections_max; index++) connections[index].socket = -1;
        run->load = load;
        run->result = result;
        run->connections = connections;
        run->epoll = -1;
        run->latencies = latencies;
        run->latencies_max = latencies_max;
        outcome = run_all(run);
        for (int index = 0; index < writ_load_connections_max; index++) {
            if (connections[index].socket >= 0) close(connections[index].socket);
            free(connections[index].answer);
        }
        if (run->epoll >= 0) close(run->epoll);
    }
    free(connections);
    free(run);
    return outcome;
}

int writ_load_free_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    int number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (number < 0) return -1;
    int outcome = bind(number, (const struct sockaddr *)&address, sizeof address);
    if (outcome == 0) outcome = getsockname(number, (struct sockaddr *)&address, &length);
    close(number);
    return outcome == 0 ? ntohs(address.sin_port) : -1;
}
