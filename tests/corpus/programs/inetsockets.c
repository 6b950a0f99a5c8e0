#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(const char *what, long value)
{
	printf("%s = %ld%s%s\n", what, value, value < 0 ? " " : "", value < 0 ? strerror(errno) : "");
}

int main(void)
{
	struct sockaddr_in name = {.sin_family = AF_INET}, other;
	socklen_t size = sizeof other;
	char text[64] = "";
	int on = 1;
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	say("accept unbound", accept(listener, NULL, NULL));
	say("reuse", setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
	say("short", bind(listener, (void *)&name, 8));
	say("bind", bind(listener, (void *)&name, sizeof name));
	say("listen", listen(listener, 4));
	getsockname(listener, (void *)&other, &size);
	printf("%s port given %d, size %u\n", inet_ntoa(other.sin_addr), other.sin_port != 0, size);
	name.sin_port = other.sin_port;
	int client = socket(AF_INET, SOCK_STREAM, 0);
	say("not connected", send(client, "x", 1, MSG_NOSIGNAL));
	say("not connected", recv(client, text, 1, 0));
	say("shutdown", shutdown(socket(AF_INET, SOCK_STREAM, 0), SHUT_WR));
	say("connect", connect(client, (void *)&name, sizeof name));
	say("again", connect(client, (void *)&name, sizeof name));
	size = sizeof other;
	int server = accept(listener, (void *)&other, &size);
	printf("from %s\n", inet_ntoa(other.sin_addr));
	size = sizeof name;
	getsockname(client, (void *)&name, &size);
	printf("the client's port: %d\n", name.sin_port == other.sin_port);
	say("nodelay", setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
	say("send", send(client, "hi", 2, 0));
	say("recv", recv(server, text, sizeof text, 0));
	printf("%s\n", text);
	say("reply", write(server, "replyhi", 7));
	say("read", read(client, text, sizeof text));
	printf("%s\n", text);
	fcntl(listener, F_SETFL, O_NONBLOCK);
	say("nobody", accept(listener, NULL, NULL));
	close(client);
	say("end", recv(server, text, sizeof text, 0));
	close(server);
	close(listener);
	client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	name.sin_port = htons(1);
	say("refused", connect(client, (void *)&name, sizeof name));
	int one = socket(AF_INET, SOCK_DGRAM, 0), two = socket(AF_INET, SOCK_DGRAM, 0);
	name.sin_port = 0;
	say("bind", bind(one, (void *)&name, sizeof name));
	size = sizeof other;
	getsockname(one, (void *)&other, &size);
	say("nowhere to", send(two, "x", 1, 0));
	say("sendto", sendto(two, "datagram", 8, 0, (void *)&other, sizeof other));
	say("sendto", sendto(two, "", 0, 0, (void *)&other, sizeof other));
	memset(text, 0, sizeof text);
	say("recvfrom", recvfrom(one, text, 4, MSG_TRUNC, NULL, NULL));
	say("empty one", recv(one, text, sizeof text, 0));
	printf("%s\n", text);
	say("listen", listen(one, 1));
	say("accept", accept(one, NULL, NULL));
	say("accept file", accept(open(".", O_RDONLY), NULL, NULL));
	say("accept bad", accept(1000, NULL, NULL));
	say("address", bind(socket(AF_INET, SOCK_STREAM, 0),
			    (void *)&(struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = 0x08080808},
			    sizeof name));
	say("protocol", socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
	say("pair", socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0, 0}));
	return 0;
}
