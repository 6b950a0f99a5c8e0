/* Forks that end in every way, waited for in every way; copies of memory and of descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int counter = 5;

static pid_t child(int how)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	counter += 10;
	switch (how) {
	case 0: _exit(counter);
	case 1: raise(SIGTERM);
	case 2: abort();
	case 3: *(volatile int *)8 = 1;
	case 4: raise(SIGSTOP); _exit(4);
	}
	_exit(99);
}

static void say(int status)
{
	if (WIFEXITED(status))
		printf("exited %d\n", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		printf("killed %d\n", WTERMSIG(status));
	else if (WIFSTOPPED(status))
		printf("stopped %d\n", WSTOPSIG(status));
	else if (WIFCONTINUED(status))
		printf("continued\n");
}

int main(void)
{
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status, how, file;
	siginfo_t info;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	for (how = 0; how < 4; how++) {
		pid = child(how);
		printf("%d ", waitpid(pid, &status, 0) == pid);
		say(status);
	}
	printf("counter %d\n", counter);
	printf("none left: %d %d\n", wait(NULL), errno == ECHILD);

	pid = child(4);
	waitpid(pid, &status, WUNTRACED);
	say(status);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	say(status);

	pid = fork();
	if (!pid) {
		shared[0] = 42;
		shared[600] = 43;
		_exit(0);
	}
	info.si_pid = 0;
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	printf("waitid %d %d %d\n", info.si_pid == pid, info.si_code, info.si_status);
	waitpid(pid, NULL, 0);
	printf("shared %d %d\n", shared[0], shared[600]);

	file = open("both", O_CREAT | O_RDWR | O_TRUNC, 0600);
	pid = fork();
	if (!pid) {
		write(file, "child ", 6);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	write(file, "parent", 6);
	printf("offset %ld\n", (long)lseek(file, 0, SEEK_CUR));

	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	if (!pid)
		_exit(1);
	printf("reaped by itself: %d %d\n", wait(NULL), errno == ECHILD);
	return 3;
}
