/*
 * The lab's pair, for 32 bits: a forked "replyhi" server and a "hello" client over TCP.
 *
 * The C library of today makes some of these calls directly, by numbers of their own; the lab's
 * made each by socketcall. Here all go through it, by `int $0x80`. The first call brings up the
 * network, for which a guest of systui's has no other program. The socket's close and the wait
 * are no socketcalls.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOCKETCALL = 102, SOCKET = 1, BIND, CONNECT, LISTEN, ACCEPT, SEND = 9, RECV };

static struct sockaddr_in place = { .sin_family = AF_INET };

static long socketcall(long which, long a, long b, long c, long d)
{
	long arguments[] = { a, b, c, d }, result;

	asm volatile("int $0x80"
		     : "=a"(result)
		     : "0"(SOCKETCALL), "b"(which), "c"(arguments)
		     : "memory");
	return result;
}

static void bring_up_network(void)
{
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	long file = socketcall(SOCKET, AF_INET, SOCK_DGRAM, 0, 0);

	if (ioctl(file, SIOCSIFFLAGS, &loopback))
		perror("lo");
	close(file);
}

static void replyhi(int ready)
{
	long server = socketcall(SOCKET, AF_INET, SOCK_STREAM, 0, 0);
	char text[64];

	socketcall(BIND, server, (long)&place, sizeof(place), 0);
	socketcall(LISTEN, server, 5, 0, 0);
	write(ready, "x", 1);
	for (;;) {
		long client = socketcall(ACCEPT, server, 0, 0, 0);
		long size = socketcall(RECV, client, (long)text, sizeof(text), 0);

		printf("server: %.*s\n", (int)size, text);
		fflush(stdout);
		socketcall(SEND, client, (long)"hi", 2, 0);
	}
}

int main(void)
{
	int ready[2], status;
	char text[64];
	long client, size;
	pid_t server;

	place.sin_port = htons(5001);
	place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bring_up_network();
	pipe(ready);
	server = fork();
	if (!server)
		replyhi(ready[1]);
	read(ready[0], text, 1);
	client = socketcall(SOCKET, AF_INET, SOCK_STREAM, 0, 0);
	socketcall(CONNECT, client, (long)&place, sizeof(place), 0);
	socketcall(SEND, client, (long)"hello", 5, 0);
	size = socketcall(RECV, client, (long)text, sizeof(text), 0);
	printf("client: %.*s\n", (int)size, text);
	fflush(stdout);
	kill(server, SIGKILL);
	wait(&status);
	return 0;
}
