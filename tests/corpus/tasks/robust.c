/* A thread and a process die with a robust mutex: the next owner is told. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t *made(int shared)
{
	pthread_mutex_t *mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				      (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t how;

	pthread_mutexattr_init(&how);
	pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
	if (shared)
		pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(mutex, &how);
	return mutex;
}

static void *takes(void *mutex)
{
	pthread_mutex_lock(mutex);
	return NULL;
}

static void next(const char *who, pthread_mutex_t *mutex)
{
	int result = pthread_mutex_lock(mutex);

	printf("%s: %s\n", who, result == EOWNERDEAD ? "owner dead" : strerror(result));
	pthread_mutex_consistent(mutex);
	pthread_mutex_unlock(mutex);
	printf("%s: %s\n", who, strerror(pthread_mutex_lock(mutex)));
	pthread_mutex_unlock(mutex);
	fflush(stdout);
}

int main(void)
{
	pthread_mutex_t *mine = made(0), *ours = made(1);
	pthread_t thread;
	int ready[2];
	char byte;

	pthread_create(&thread, NULL, takes, mine);
	pthread_join(thread, NULL);
	next("thread", mine);
	pipe(ready);
	if (!fork()) {
		pthread_mutex_lock(ours);
		write(ready[1], "x", 1);
		usleep(20000);
		_exit(0);
	}
	read(ready[0], &byte, 1);
	next("process", ours);
	wait(NULL);
	return 0;
}
