// The practical limit of fan-out: one thread, one epoll, one send() per connection and part. It has no HTTP, no TLS,
// no queues and no late joiners; whoever cannot take a whole part loses it. Usage: fan-out-loop PORT PARTS
//
// PARTS holds what is sent, one after the other every 200 ms and round and round: a little-endian uint32 of length,
// and as many bytes. A line on standard input is answered with counts on standard output:
//
//     <connections> <parts sent> <bytes sent> <parts not taken whole>

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define CONNECTIONS_MAX 65536
#define PARTS_MAX 1024
#define EVENTS_MAX 1024
#define BACKLOG 4096
#define PART_NS 200000000L

static int connections[CONNECTIONS_MAX];
static int place[CONNECTIONS_MAX]; // of a descriptor in `connections`
static int count;
static struct { uint32_t length; char *bytes; } parts[PARTS_MAX];
static int part_count;
static unsigned long long sent_parts, sent_bytes, short_parts;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void read_parts(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  uint32_t length;
  while (part_count < PARTS_MAX && fread(&length, sizeof length, 1, file) == 1) {
    char *bytes = malloc(length);
    if (!bytes || fread(bytes, 1, length, file) != length) fail("a part");
    parts[part_count].length = length;
    parts[part_count++].bytes = bytes;
  }
  fclose(file);
  if (part_count == 0) { fprintf(stderr, "no parts\n"); exit(1); }
}

static void drop(int fd) {
  int at = place[fd];
  connections[at] = connections[--count];
  place[connections[at]] = at;
  close(fd);
}

static void accept_all(int listener, int epoll) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    if (fd >= CONNECTIONS_MAX) { close(fd); continue; }
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.fd = fd };
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    place[fd] = count;
    connections[count++] = fd;
  }
}

static void send_part(int at) {
  for (int i = count - 1; i >= 0; i--) {
    ssize_t taken = send(connections[i], parts[at].bytes, parts[at].length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken == (ssize_t)parts[at].length) sent_parts++;
    else short_parts++;
    if (taken > 0) sent_bytes += taken;
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  read_parts(argv[2]);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) };
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, BACKLOG)) fail("listen");
  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  struct itimerspec each = { .it_interval.tv_nsec = PART_NS, .it_value.tv_nsec = PART_NS };
  timerfd_settime(timer, 0, &each, NULL);
  int epoll = epoll_create1(0);
  int watched[] = { listener, timer, STDIN_FILENO };
  for (int i = 0; i < 3; i++) {
    struct epoll_event event = { .events = EPOLLIN, .data.fd = watched[i] };
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, watched[i], &event)) fail("epoll");
  }
  printf("ready\n");
  fflush(stdout);
  int at = 0;
  static struct epoll_event events[EVENTS_MAX];
  char scratch[4096];
  for (;;) {
    int ready = epoll_wait(epoll, events, EVENTS_MAX, -1);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) accept_all(listener, epoll);
      else if (fd == timer) {
        uint64_t ticks;
        if (read(timer, &ticks, sizeof ticks) < 0) continue;
        while (ticks-- > 0) { send_part(at); at = (at + 1) % part_count; }
      } else if (fd == STDIN_FILENO) {
        if (read(fd, scratch, sizeof scratch) <= 0) return 0;
        printf("%d %llu %llu %llu\n", count, sent_parts, sent_bytes, short_parts);
        fflush(stdout);
      } else if (recv(fd, scratch, sizeof scratch, MSG_DONTWAIT) == 0 ||
                 (events[i].events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP))) drop(fd);
    }
  }
}
