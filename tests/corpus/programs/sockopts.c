#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

static int value(int fd, int level, int option)
{
	int result = -1;
	socklen_t size = sizeof result;
	return getsockopt(fd, level, option, &result, &size) ? -errno : result;
}

int main(void)
{
	struct sockaddr_in name = {.sin_family = AF_INET}, other;
	socklen_t size = sizeof other;
	char text[64] = "";
	int on = 1, waiting;
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	printf("flags %d %d\n", !!(fcntl(listener, F_GETFL) & O_NONBLOCK), fcntl(listener, F_GETFD));
	printf("type %d domain %d protocol %d listens %d error %d\n", value(listener, SOL_SOCKET, SO_TYPE),
	       value(listener, SOL_SOCKET, SO_DOMAIN), value(listener, SOL_SOCKET, SO_PROTOCOL),
	       value(listener, SOL_SOCKET, SO_ACCEPTCONN), value(listener, SOL_SOCKET, SO_ERROR));
	show("reuse", setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
	printf("reuse %d\n", value(listener, SOL_SOCKET, SO_REUSEADDR));
	show("short", setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 2));
	show("unknown", setsockopt(listener, SOL_SOCKET, 9999, &on, sizeof on));
	show("unknown", getsockopt(listener, SOL_SOCKET, 9999, &on, &size));
	show("no memory", setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, (void *)8, sizeof on));
	show("negative", setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, -1));
	show("not one", setsockopt(0, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
	printf("nodelay %d\n", value(listener, IPPROTO_TCP, TCP_NODELAY));
	struct linger linger = {1, 5}, got;
	show("linger", setsockopt(listener, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
	size = sizeof got;
	getsockopt(listener, SOL_SOCKET, SO_LINGER, &got, &size);
	printf("linger %d %d %u\n", got.l_onoff, got.l_linger, size);
	show("bind", bind(listener, (void *)&name, sizeof name));
	show("twice", bind(listener, (void *)&name, sizeof name));
	show("listen", listen(listener, 3));
	printf("listens %d\n", value(listener, SOL_SOCKET, SO_ACCEPTCONN));
	size = sizeof name;
	getsockname(listener, (void *)&name, &size);
	show("taken", bind(socket(AF_INET, SOCK_STREAM, 0), (void *)&name, sizeof name));
	show("nobody yet", accept(listener, NULL, NULL));
	struct pollfd polled = {listener, POLLIN, 0};
	printf("poll %d %x\n", poll(&polled, 1, 10), polled.revents);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	show("in progress", connect(client, (void *)&name, sizeof name));
	polled = (struct pollfd){client, POLLOUT, 0};
	printf("poll %d %x\n", poll(&polled, 1, 1000), polled.revents);
	printf("error %d\n", value(client, SOL_SOCKET, SO_ERROR));
	polled = (struct pollfd){listener, POLLIN, 0};
	printf("poll %d %x\n", poll(&polled, 1, 1000), polled.revents);
	int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	printf("cloexec %d nonblock %d\n", fcntl(server, F_GETFD), fcntl(server, F_GETFL) & O_NONBLOCK);
	show("bad flags", accept4(listener, NULL, NULL, 1));
	show("nothing", recv(client, text, 1, 0));
	struct timeval soon = {0, 20000};
	show("timeout", setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon));
	show("timed out", recv(server, text, 1, 0));
	show("send", send(client, "abcdef", 6, 0));
	polled = (struct pollfd){server, POLLIN | POLLOUT | POLLRDHUP, 0};
	printf("poll %d %x\n", poll(&polled, 1, 1000), polled.revents);
	ioctl(server, FIONREAD, &waiting);
	printf("waiting %d\n", waiting);
	show("waitall", recv(server, text, 6, MSG_WAITALL));
	show("half", shutdown(client, SHUT_WR));
	poll(&polled, 1, 1000);
	printf("poll %x\n", polled.revents);
	show("still", send(server, "back", 4, 0));
	show("recv", recv(client, text, 64, 0));
	show("after", send(client, "x", 1, MSG_NOSIGNAL));
	show("how", shutdown(client, 7));
	close(client);
	close(server);
	int one = socket(AF_INET, SOCK_DGRAM, 0), two = socket(AF_INET, SOCK_DGRAM, 0);
	name.sin_port = 0;
	bind(one, (void *)&name, sizeof name);
	size = sizeof name;
	getsockname(one, (void *)&name, &size);
	show("connect", connect(two, (void *)&name, sizeof name));
	size = sizeof other;
	getpeername(two, (void *)&other, &size);
	printf("peer %d\n", other.sin_port == name.sin_port);
	struct iovec part = {"first", 5};
	struct mmsghdr several[2] = {{.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}},
				     {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}}};
	show("sendmmsg", sendmmsg(two, several, 2, 0));
	part = (struct iovec){text, 3};
	struct msghdr cut = {.msg_iov = &part, .msg_iovlen = 1, .msg_name = &other, .msg_namelen = sizeof other};
	show("recvmsg", recvmsg(one, &cut, 0));
	printf("cut %d, from %u\n", !!(cut.msg_flags & MSG_TRUNC), cut.msg_namelen);
	part = (struct iovec){text, 60};
	show("recvmmsg", recvmmsg(one, several, 2, MSG_DONTWAIT, NULL));
	printf("length %u\n", several[0].msg_len);
	close(one);
	show("to nobody", send(two, "x", 1, 0));
	show("told later", recv(two, text, 1, MSG_DONTWAIT));
	show("disconnect", connect(two, &(struct sockaddr){.sa_family = AF_UNSPEC}, sizeof(struct sockaddr)));
	show("no peer", send(two, "x", 1, 0));
	show("too long", sendto(two, text, 70000, 0, (void *)&name, sizeof name));
	int pair[2];
	show("seqpacket", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair));
	send(pair[0], "one", 3, 0);
	send(pair[0], "four", 4, 0);
	show("whole", recv(pair[1], text, 64, 0));
	show("message", recv(pair[1], text, 2, MSG_TRUNC));
	show("none", recv(pair[1], text, 64, 0));
	struct ucred who;
	size = sizeof who;
	getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &who, &size);
	printf("peer is me %d\n", who.pid == getpid() && who.uid == getuid());
	show("urgent", send(pair[0], "x", 1, MSG_OOB));
	struct sockaddr_un local;
	size = sizeof local;
	getsockname(pair[0], (void *)&local, &size);
	printf("unnamed %u\n", size);
	show("option", setsockopt(pair[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
	show("raw", socket(AF_UNIX, SOCK_STREAM, 6));
	return 0;
}
