/* Becoming other programs: vfork, posix_spawn, environment, descriptors that close on it. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void again(int argc, char **argv)
{
	int index;

	for (index = 1; index < argc; index++)
		printf("%s ", argv[index]);
	printf("%s %d %d\n", getenv("GREETING") ? getenv("GREETING") : "none",
	       fcntl(7, F_GETFD), fcntl(8, F_GETFD));
	exit(argc);
}

int main(int argc, char **argv)
{
	char *arguments[] = { "spawned", "two", "three", NULL };
	char *environment[] = { "GREETING=there", NULL };
	int status, error;
	pid_t pid;

	if (argc > 1)
		again(argc, argv);
	setvbuf(stdout, NULL, _IONBF, 0);
	dup2(1, 7);
	fcntl(7, F_SETFD, FD_CLOEXEC);
	dup2(1, 8);
	pid = vfork();
	if (!pid) {
		execl("/proc/self/exe", "forked", "one", NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	printf("vfork %d\n", WEXITSTATUS(status));
	error = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, arguments, environment);
	waitpid(pid, &status, 0);
	printf("spawn %d %d\n", error, WEXITSTATUS(status));
	printf("missing %d %d\n", execl("/nowhere", "x", NULL), errno == ENOENT);
	printf("directory %d %d\n", execl("/tmp", "x", NULL), errno == EACCES);
	close(open("text", O_CREAT | O_WRONLY, 0755));
	printf("empty %d %d\n", execl("text", "x", NULL), errno == ENOEXEC);
	return 0;
}
