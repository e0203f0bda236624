#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// The C library declares it for GNU sources only.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
