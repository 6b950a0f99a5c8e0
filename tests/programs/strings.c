/* Repeated string instructions over many pages, forwards and backwards, and with a count of 0. */
#include <stdio.h>
#include <sys/mman.h>

#define SIZE 20000

static char *room(void)
{
	return mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

int main(void)
{
	char *p = room(), *q = room(), *from = p + 100, *to = q + 77;
	size_t count = SIZE;

	__asm__ volatile("rep stosb" : "+D"(from), "+c"(count) : "a"(5) : "memory");
	from = p + 100;
	count = SIZE;
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
	from = p + 100;
	to = q + 77;
	count = SIZE + 50;
	__asm__ volatile("repe cmpsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory", "cc");
	printf("%zu\n", count);
	count = 0;
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
	to = q + (1 << 16) - 8;
	from = q + 16000;
	count = 2000;
	__asm__ volatile("std; rep movsq; cld" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
	printf("%d %td\n", q[(1 << 16) - 9], from - q);
	return 0;
}
