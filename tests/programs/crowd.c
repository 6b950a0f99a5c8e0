/*
 * Several tasks. Without an argument: a child and a thread-like clone talk
 * through pipes. "bomb": forks until it is refused. "deadlock": two
 * processes that read from each other first.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int bomb(void)
{
	int count = 0;

	while (fork() >= 0) {
		if (getppid() != 999)
			pause();
		count++;
	}
	printf("refused after %d: %d\n", count, errno == EAGAIN);
	return 0;
}

static int deadlock(void)
{
	int there[2], back[2];
	char byte;

	pipe(there);
	pipe(back);
	if (!fork()) {
		read(there[0], &byte, 1);
		write(back[1], "x", 1);
		_exit(0);
	}
	read(back[0], &byte, 1);
	write(there[1], "x", 1);
	return 0;
}

static int talk(void)
{
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int there[2], back[2], round;
	char byte = 0;

	pipe(there);
	pipe(back);
	if (!fork()) {
		while (read(there[0], &byte, 1) == 1 && byte) {
			shared[0] += byte;
			write(back[1], &byte, 1);
		}
		_exit(5);
	}
	for (round = 8; round >= 0; round--) {
		byte = round;
		write(there[1], &byte, 1);
		if (round)
			read(back[0], &byte, 1);
	}
	wait(NULL);
	printf("sum %d\n", shared[0]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return talk();
	return strcmp(argv[1], "bomb") ? deadlock() : bomb();
}
