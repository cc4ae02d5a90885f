// The limit that a call cannot beat without spinning: two processes that write and read the same bytes over
// a Unix stream socket, blocking, one exchange at a time. Prints the median and the 99th percentile in microseconds as JSON.
//
// usage: pingpong ROUNDS REQUEST-BYTES RESPONSE-BYTES
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char bytes[1 << 16];

// Moves `count` bytes; returns 0 at the end of the connection.
static int exchange(int fd, size_t count, int writes) {
    size_t done = 0;
    while (done < count) {
        ssize_t n = writes ? write(fd, bytes + done, count - done) : read(fd, bytes + done, count - done);
        if (n <= 0) return 0;
        done += (size_t)n;
    }
    return 1;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    long rounds = argc > 1 ? atol(argv[1]) : 0;
    long request = argc > 2 ? atol(argv[2]) : 0;
    long response = argc > 3 ? atol(argv[3]) : 0;
    long most = (long)sizeof bytes;
    if (rounds < 1 || rounds > 10000000 || request < 1 || request > most || response < 1 || response > most) {
        fprintf(stderr, "usage: pingpong ROUNDS(1-10000000) REQUEST-BYTES RESPONSE-BYTES(1-65536)\n");
        return 2;
    }
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return perror("socketpair"), 1;
    pid_t child = fork();
    if (child < 0) return perror("fork"), 1;
    if (child == 0) {
        close(ends[0]);
        while (exchange(ends[1], (size_t)request, 0) && exchange(ends[1], (size_t)response, 1)) {}
        return 0;
    }
    close(ends[1]);
    double *times = malloc((size_t)rounds * sizeof *times);
    if (!times) return perror("malloc"), 1;
    for (long i = 0; i < rounds; i++) {
        double start = now();
        if (!exchange(ends[0], (size_t)request, 1) || !exchange(ends[0], (size_t)response, 0)) return 1;
        times[i] = now() - start;
    }
    close(ends[0]);
    waitpid(child, NULL, 0);
    qsort(times, (size_t)rounds, sizeof *times, ascending);
    printf("{\"p50\": %.2f, \"p99\": %.2f}\n", times[rounds / 2], times[rounds * 99 / 100]);
    free(times);
    return 0;
}
