/* A forked "replyhi" server and a "hello" client, over TCP on the loopback. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in place = { .sin_family = AF_INET };

static void replyhi(int ready)
{
	int one = 1, server = socket(AF_INET, SOCK_STREAM, 0);
	char text[64];

	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(server, (void *)&place, sizeof(place)) || listen(server, 5))
		_exit(9);
	write(ready, "x", 1);
	for (;;) {
		int client = accept(server, NULL, NULL);
		ssize_t size = recv(client, text, sizeof(text), 0);

		if (size > 0)
			printf("server: %.*s\n", (int)size, text);
		fflush(stdout);
		send(client, "hi", 2, 0);
	}
}

int main(void)
{
	int ready[2], status, client;
	char text[64];
	pid_t server;
	ssize_t size;

	place.sin_port = htons(5001);
	place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	pipe(ready);
	server = fork();
	if (!server)
		replyhi(ready[1]);
	read(ready[0], text, 1);
	client = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(client, (void *)&place, sizeof(place)))
		perror("connect");
	send(client, "hello", 5, 0);
	size = recv(client, text, sizeof(text), 0);
	printf("client: %.*s\n", (int)size, text);
	fflush(stdout);
	kill(server, SIGKILL);
	wait(&status);
	printf("server killed by %d\n", WTERMSIG(status));
	return 0;
}
