/* Groups, sessions, grandchildren, orphans, and who is whose. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int ends[2], status;
	char text[8];
	pid_t child;

	setvbuf(stdout, NULL, _IONBF, 0);
	pipe(ends);
	child = fork();
	if (!child) {
		printf("parent %d\n", getppid() != 1);
		printf("setsid %d", setsid() == getpid());
		printf(" %d %d\n", getsid(0) == getpid(), getpgid(0) == getpid());
		printf("again %d %d\n", setsid(), errno == EPERM);
		pid_t father = getpid();

		if (!fork()) {
			read(ends[0], text, 1);
			while (getppid() == father)
				usleep(1000);
			write(ends[1], "o", 1);
			_exit(0);
		}
		_exit(7);
	}
	waitpid(child, &status, 0);
	printf("child %d\n", WEXITSTATUS(status));
	write(ends[1], "x", 1);

	child = fork();
	if (!child) {
		pause();
		_exit(0);
	}
	printf("setpgid %d %d\n", setpgid(child, child), getpgid(child) == child);
	printf("killpg %d\n", kill(-child, SIGTERM));
	waitpid(child, &status, 0);
	printf("killed %d\n", WTERMSIG(status));
	printf("gone %d %d\n", kill(child, 0), errno == ESRCH);
	return 0;
}
