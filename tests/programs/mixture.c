/* A bit of everything that moves state: calls, faults, handlers, strings, floats, maps. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile int caught;

static void on_fault(int number)
{
	caught += number;
	siglongjmp(back, 1);
}

static void repeated(char *to, const char *from, size_t size)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

int main(int argc, char **argv)
{
	char line[64], copy[64];
	double sum = 0;

	signal(SIGSEGV, on_fault);
	for (int i = 0; i < 3; i++)
		if (!sigsetjmp(back, 1))
			*(volatile int *)(long)(8 * i) = 1;
	for (int i = 1; i < 40; i++)
		sum += 1.0 / i;
	snprintf(line, sizeof(line), "caught %d, sum %.6f", caught, sum);
	repeated(copy, line, sizeof(line));
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(page, 7, 8192);
	mprotect(page, 4096, PROT_READ);
	munmap(page + 4096, 4096);
	page = mmap(page + 4096, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	page[5] = (char)(page[4] + 1);
	char *grown = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(grown, 9, 3 * 4096);
	grown = mremap(grown, 3 * 4096, 400 * 4096, MREMAP_MAYMOVE);
	grown[300 * 4096] = grown[5000];
	if (grown[300 * 4096] != 9)
		return 2;
	char *heap = malloc(100000);
	memset(heap, argc, 100000);
	free(heap);
	printf("%s %d\n", copy, page[5]);
	fflush(stdout);
	if (accept(0, NULL, NULL) >= 0)
		return 1;
	printf("%s\n", argv[argc - 1]);
	return 42;
}
