/*
 * Each call by another task: a child's child, a child, one that shares the memory, a thread. The
 * program itself makes none of them.
 */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void *thread(void *unused)
{
	(void)unused;
	symlink("thread", "/no/such/place");
	return NULL;
}

int main(void)
{
	pthread_t made;

	if (fork() == 0) {
		if (fork() == 0) {
			rmdir("/no/such/place");
			_exit(4);
		}
		wait(NULL);
		link("forked", "/no/such/place");
		_exit(3);
	}
	wait(NULL);
	if (vfork() == 0) {
		chdir("/no/such/place");
		_exit(5);
	}
	wait(NULL);
	pthread_create(&made, NULL, thread, NULL);
	pthread_join(made, NULL);
	return 7;
}
