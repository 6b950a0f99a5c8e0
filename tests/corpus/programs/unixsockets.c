#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void say(const char *what, long value)
{
	printf("%s = %ld%s%s\n", what, value, value < 0 ? " " : "", value < 0 ? strerror(errno) : "");
}

int main(void)
{
	int pair[2], type;
	char buffer[64] = "";
	say("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	say("send", send(pair[0], "ping", 4, 0));
	say("recv", recv(pair[1], buffer, sizeof buffer, MSG_PEEK));
	say("recv", recv(pair[1], buffer, sizeof buffer, 0));
	puts(buffer);
	say("empty", recv(pair[1], buffer, sizeof buffer, MSG_DONTWAIT));
	say("write", write(pair[1], "pong!", 5));
	say("shutdown", shutdown(pair[1], SHUT_WR));
	say("read", read(pair[0], buffer, sizeof buffer));
	say("end", read(pair[0], buffer, sizeof buffer));
	say("after shutdown", send(pair[1], "x", 1, MSG_NOSIGNAL));
	close(pair[1]);
	say("peer closed", send(pair[0], "x", 1, MSG_NOSIGNAL));
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "door"}, from;
	socklen_t size = sizeof from;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
	say("listen unbound", listen(listener, 1));
	say("connect nowhere", connect(client, (void *)&name, sizeof name));
	say("bind", bind(listener, (void *)&name, sizeof name));
	say("bind again", bind(listener, (void *)&name, sizeof name));
	struct stat st;
	stat("door", &st);
	printf("socket file %d\n", S_ISSOCK(st.st_mode));
	say("refused", connect(client, (void *)&name, sizeof name));
	say("accept early", accept(listener, NULL, NULL));
	say("listen", listen(listener, 5));
	say("connect", connect(client, (void *)&name, sizeof name));
	say("connected", connect(client, (void *)&name, sizeof name));
	int server = accept(listener, (void *)&from, &size);
	printf("accepted %d, name size %u\n", server > 0, size);
	size = sizeof from;
	getpeername(client, (void *)&from, &size);
	printf("peer %s %u\n", from.sun_path, size);
	struct iovec parts[2] = {{"one", 3}, {"two", 3}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	say("sendmsg", sendmsg(client, &message, 0));
	char left[4] = "", right[10] = "";
	parts[0] = (struct iovec){left, 3};
	parts[1] = (struct iovec){right, 9};
	say("recvmsg", recvmsg(server, &message, 0));
	printf("%s %s\n", left, right);
	size = sizeof type;
	getsockopt(server, SOL_SOCKET, SO_TYPE, &type, &size);
	printf("type %d\n", type);
	int one = socket(AF_UNIX, SOCK_DGRAM, 0), two = socket(AF_UNIX, SOCK_DGRAM, 0);
	strcpy(name.sun_path + 1, "abstract");
	name.sun_path[0] = 0;
	say("bind", bind(one, (void *)&name, 12));
	say("sendto", sendto(two, "datagram", 8, 0, (void *)&name, 12));
	say("sendto", sendto(two, "2nd", 3, 0, (void *)&name, 12));
	say("cut", recv(one, buffer, 4, 0));
	say("next", recv(one, buffer, sizeof buffer, 0));
	struct pollfd polled = {client, POLLIN | POLLOUT | POLLRDHUP, 0};
	close(server);
	printf("poll %d %x\n", poll(&polled, 1, 0), polled.revents);
	say("not a socket", send(1, "x", 1, 0));
	say("bad", send(99, "x", 1, 0));
	say("family", socket(99, SOCK_STREAM, 0));
	say("kind", socket(AF_UNIX, 9, 0));
	return 0;
}
