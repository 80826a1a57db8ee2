/* What one thread of C gets out of this machine: the limit that benchmarks/echo.py is measured against.
 *
 * One raw ICMPv6 socket, one echo request to each address of a file, as fast as the kernel takes them, sixty-four with
 * each call; every answer is compared with the address that was asked. Ends when all have answered, or the time of the
 * last request is over.
 *
 *     echo_limit FILE SECONDS        prints: seconds, CPU seconds, answers
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, PAYLOAD = 56, BUFFER = 32 << 20 };

struct packet {
    struct icmp6_hdr head;
    uint32_t token, index;
    char rest[PAYLOAD - 8];
};

static struct packet out[BATCH], in[BATCH];
static struct iovec out_vectors[BATCH], in_vectors[BATCH];
static struct sockaddr_in6 from[BATCH];
static struct mmsghdr outgoing[BATCH], incoming[BATCH];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static struct sockaddr_in6 *targets(const char *path, size_t *count)
{
    size_t room = 1024;
    struct sockaddr_in6 *found = calloc(room, sizeof *found);
    char line[128];
    FILE *file = fopen(path, "r");
    while (file && found && fgets(line, sizeof line, file)) {
        if (*count == room) {
            found = realloc(found, 2 * room * sizeof *found);
            memset(found + room, 0, room * sizeof *found);
            room *= 2;
        }
        line[strcspn(line, "\n")] = 0;
        found[*count].sin6_family = AF_INET6;
        *count += inet_pton(AF_INET6, line, &found[*count].sin6_addr) == 1;
    }
    return found;
}

static int opened(void)
{
    int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMPV6), size = BUFFER;
    struct icmp6_filter filter;
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
    setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    return fd;
}

int main(int argc, char **argv)
{
    size_t count = 0, sent = 0, answers = 0;
    struct sockaddr_in6 *to = argc == 3 ? targets(argv[1], &count) : NULL;
    double wait = argc == 3 ? atof(argv[2]) : 0;
    char *answered = calloc(count + 1, 1);
    int fd = opened();
    uint32_t token = (uint32_t)time(NULL) * 2654435761u;
    if (!count || fd < 0)
        return 2;
    double began = now(), last = began;
    while (answers < count && (sent < count || now() - last < wait)) {
        int waits = 1, n = 0;
        for (; n < BATCH && sent + n < count; n++) {
            size_t i = sent + n;
            out[n] = (struct packet){.head.icmp6_type = ICMP6_ECHO_REQUEST, .token = token, .index = i};
            out[n].head.icmp6_seq = htons(i);
            out_vectors[n] = (struct iovec){&out[n], sizeof out[n]};
            outgoing[n].msg_hdr = (struct msghdr){
                .msg_name = &to[i], .msg_namelen = sizeof to[i], .msg_iov = &out_vectors[n], .msg_iovlen = 1};
        }
        if (n && (n = sendmmsg(fd, outgoing, n, 0)) > 0) {
            sent += n;
            last = now();
            waits = 0;
        }
        for (int k = 0; k < BATCH; k++) {
            in_vectors[k] = (struct iovec){&in[k], sizeof in[k]};
            incoming[k].msg_hdr = (struct msghdr){
                .msg_name = &from[k], .msg_namelen = sizeof from[k], .msg_iov = &in_vectors[k], .msg_iovlen = 1};
        }
        int got = recvmmsg(fd, incoming, BATCH, 0, NULL);
        for (int k = 0; k < got; k++) {
            size_t i = in[k].index;
            if (in[k].token == token && i < count && !answered[i] &&
                !memcmp(&from[k].sin6_addr, &to[i].sin6_addr, sizeof to[i].sin6_addr)) {
                answered[i] = 1;
                answers++;
            }
        }
        if (waits && got <= 0)
            poll(&(struct pollfd){fd, POLLIN, 0}, 1, 1);
    }
    double wall = now() - began;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("%.4f %.4f %zu\n", wall,
           used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6,
           answers);
    return 0;
}
