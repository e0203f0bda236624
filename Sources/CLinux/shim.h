// What Linux has beyond POSIX, and Swift's module of the C library leaves out: epoll, eventfd, what the kernel tells a
// program of itself, and calls that the C library declares for GNU sources only.
#pragma once

#include <sched.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
extern int sched_setaffinity(pid_t thread, size_t size, const cpu_set_t *mask);
