/* since: 6.17 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGES 48
#define PAGE 4096L

static unsigned long state = 88172645463325252UL;

static unsigned long next(unsigned long bound)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 20) % bound;
}

static char *arena;
static int out[2], file;

static long where(long result)
{
	long page = (result - (long)arena) / PAGE;
	return result < 0 ? -errno : page >= 0 && page < PAGES ? page : 1000;
}

/* What each page is: unreadable, or its first byte; asked of the kernel, which does not crash. */
static void picture(void)
{
	char line[2 * PAGES + 1], byte;
	for (int i = 0; i < PAGES; i++) {
		char *page = arena + i * PAGE;
		int readable = write(out[1], page, 1) == 1;
		int writable = 0;
		if (readable) {
			read(out[0], &byte, 1);
			write(out[1], &byte, 1);
			writable = read(out[0], page, 1) == 1;
			if (!writable)
				read(out[0], &byte, 1);
		}
		line[2 * i] = readable ? writable ? 'w' : 'r' : '-';
		line[2 * i + 1] = readable ? 'a' + (unsigned char)byte % 26 : '.';
	}
	line[2 * PAGES] = 0;
	puts(line);
}

int main(void)
{
	static const int prots[] = {0, 1, 2, 3, 4, 5, 7};
	char filled[PAGE];
	pipe(out);
	file = open("mapped", O_RDWR | O_CREAT, 0600);
	for (int i = 0; i < 10; i++) {
		memset(filled, 'a' + i, PAGE);
		write(file, filled, PAGE);
	}
	arena = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int step = 0; step < 500; step++) {
		long at = next(PAGES - 8), count = next(8) + 1, result = 0, to = next(PAGES - 8);
		char *start = arena + at * PAGE;
		int prot = prots[next(7)], odd = next(20) == 0;
		unsigned long kind = next(10);
		switch (kind) {
		case 0:
		case 1:
			result = (long)mmap(start + odd, count * PAGE, prot,
					    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
			break;
		case 2:
			result = (long)mmap(start, count * PAGE, prot | PROT_READ,
					    MAP_PRIVATE | MAP_FIXED, file,
					    next(6) * PAGE);
			break;
		case 3:
			result = munmap(start, next(4) ? PAGE : count * PAGE + odd);
			break;
		case 4:
		case 5:
			result = mprotect(start + odd, count * PAGE, prot);
			break;
		case 6:
			count = 1; /* newer kernels move several mappings, older ones refuse */
			result = (long)mremap(start, PAGE, (next(6) + 1) * PAGE,
					      MREMAP_MAYMOVE | MREMAP_FIXED, arena + to * PAGE);
			break;
		case 7:
			result = (long)mremap(start, count * PAGE, (next(10) + 1) * PAGE, 0);
			break;
		case 8:
			result = madvise(start, count * PAGE, next(2) ? MADV_DONTNEED : MADV_NORMAL);
			break;
		case 9:
			for (long i = 0; i < count; i++) {
				filled[0] = 'A' + next(26);
				write(out[1], filled, 1);
				if (read(out[0], start + i * PAGE, 1) != 1)
					read(out[0], filled, 1);
			}
			break;
		}
		printf("%d: %lu %ld+%ld %d: %ld\n", step, kind, at, count, prot,
		       kind == 3 || kind == 4 || kind == 5 || kind >= 8 ? result < 0 ? -errno : result
									 : where(result));
		if (step % 5 == 0)
			picture();
	}
	return 0;
}
