/* link: -pthread */
/* Threads: mutexes, a condition, joins, thread-local variables, a barrier. */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn, sum;
static __thread int own = 7;

static void *work(void *argument)
{
	long number = (long)argument;

	pthread_mutex_lock(&mutex);
	while (turn != number)
		pthread_cond_wait(&changed, &mutex);
	own += number;
	sum += own;
	turn++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
	return (void *)(number * 2);
}

int main(void)
{
	pthread_t threads[4];
	void *result;
	long index;

	for (index = 0; index < 4; index++)
		pthread_create(&threads[index], NULL, work, (void *)index);
	for (index = 0; index < 4; index++) {
		pthread_join(threads[index], &result);
		printf("%ld\n", (long)result);
	}
	printf("sum %d own %d\n", sum, own);
	return 0;
}
