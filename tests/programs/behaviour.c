/* One program, many behaviours: what the command line's tests need to see pass through. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void copy(void)
{
	char buffer[100];
	ssize_t size;

	while ((size = read(0, buffer, sizeof(buffer))) > 0)
		write(1, buffer, size);
	write(2, "\xff\x00to stderr\n", 12);
}

static void handler(int number)
{
	(void)number;
	write(1, "handled\n", 8);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "segv"))
		*(volatile int *)8 = 1;
	else if (!strcmp(what, "abort"))
		abort();
	else if (!strcmp(what, "status"))
		return atoi(argv[2]);
	else if (!strcmp(what, "copy"))
		copy();
	else if (!strcmp(what, "looping"))
		for (puts(what), fflush(stdout);;)
			;
	else if (!strcmp(what, "chatter"))
		for (;;)
			puts("chatter");
	else if (!strcmp(what, "pause"))
		pause();
	else if (!strcmp(what, "waiting"))
		puts(what), fflush(stdout), read(0, argv[1], 1);
	else if (!strcmp(what, "calls"))
		for (int i = 0; i < atoi(argv[2]); i++)
			syscall(SYS_getppid);
	else if (!strcmp(what, "signal"))
		signal(SIGUSR1, handler), raise(SIGUSR1);
	else if (!strcmp(what, "number"))
		printf("%ld\n", syscall(atol(argv[2])));
	else
		for (int i = 1; i < argc; i++)
			puts(argv[i]);
	return 0;
}
