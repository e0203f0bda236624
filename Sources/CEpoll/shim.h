#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sched.h>
#include <sys/socket.h>

// The C library declares them for GNU sources only.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
extern int sched_setaffinity(pid_t thread, size_t size, const cpu_set_t *mask);
