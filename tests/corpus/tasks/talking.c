/* Processes that wait for each other: pipes, a full pipe, socket pairs, UDP, AF_UNIX, signals. */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t seen;

static void handler(int signal)
{
	seen = signal;
}

static void pipes(void)
{
	int there[2], back[2];
	char text[64];
	ssize_t size;

	pipe(there);
	pipe(back);
	if (!fork()) {
		close(there[1]);
		while ((size = read(there[0], text, sizeof(text))) > 0)
			write(back[1], text, size);
		_exit(0);
	}
	close(there[0]);
	write(there[1], "ping", 4);
	size = read(back[0], text, sizeof(text));
	printf("echo %.*s\n", (int)size, text);
	close(there[1]);
	wait(NULL);
}

static void datagrams(void)
{
	struct sockaddr_in place = { .sin_family = AF_INET };
	socklen_t length = sizeof(place);
	int server = socket(AF_INET, SOCK_DGRAM, 0);
	char text[64];
	ssize_t size;

	place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	place.sin_port = htons(5003);
	bind(server, (void *)&place, sizeof(place));
	if (!fork()) {
		int client = socket(AF_INET, SOCK_DGRAM, 0);

		sendto(client, "datagram", 8, 0, (void *)&place, sizeof(place));
		size = recv(client, text, sizeof(text), 0);
		write(1, text, size);
		_exit(0);
	}
	size = recvfrom(server, text, sizeof(text), 0, (void *)&place, &length);
	printf("got %.*s\n", (int)size, text);
	sendto(server, "answer\n", 7, 0, (void *)&place, length);
	wait(NULL);
}

static void unix_names(void)
{
	struct sockaddr_un name = { AF_UNIX, "door" };
	int server = socket(AF_UNIX, SOCK_STREAM, 0), client;
	char text[64];
	ssize_t size;

	unlink("door");
	bind(server, (void *)&name, sizeof(name));
	listen(server, 1);
	if (!fork()) {
		client = socket(AF_UNIX, SOCK_STREAM, 0);
		connect(client, (void *)&name, sizeof(name));
		write(client, "knock", 5);
		shutdown(client, SHUT_WR);
		size = read(client, text, sizeof(text));
		write(1, text, size);
		_exit(0);
	}
	client = accept(server, NULL, NULL);
	size = read(client, text, sizeof(text));
	printf("%.*s %zd\n", (int)size, text, read(client, text, sizeof(text)));
	write(client, "come in\n", 8);
	close(client);
	wait(NULL);
}

static void signals(void)
{
	struct sigaction action = { .sa_handler = handler };
	sigset_t blocked, old;
	pid_t parent = getpid();

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &old);
	sigaction(SIGUSR1, &action, NULL);
	if (!fork()) {
		kill(parent, SIGUSR1);
		_exit(0);
	}
	while (!seen)
		sigsuspend(&old);
	printf("signal %d\n", seen);
	wait(NULL);
}

static void polled(void)
{
	int ends[2][2], index;
	struct pollfd fds[2];
	char text[8];

	for (index = 0; index < 2; index++) {
		pipe(ends[index]);
		fds[index].fd = ends[index][0];
		fds[index].events = POLLIN;
	}
	if (!fork()) {
		write(ends[1][1], "b", 1);
		_exit(0);
	}
	printf("poll %d", poll(fds, 2, -1));
	printf(" %d %d\n", fds[0].revents, fds[1].revents);
	read(ends[1][0], text, sizeof(text));
	wait(NULL);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	pipes();
	datagrams();
	unix_names();
	signals();
	polled();
	return 0;
}
