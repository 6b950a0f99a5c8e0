#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

static const char *why(void *p)
{
	return p == MAP_FAILED ? strerror(errno) : "mapped";
}

int main(void)
{
	long page = 4096;
	char *a = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(a, 'a', 4 * page);
	a[2 * page] = 'X';
	printf("mprotect %d\n", mprotect(a, page, PROT_READ));
	printf("munmap %d\n", munmap(a + page, page));
	show("mprotect over hole", mprotect(a, 4 * page, PROT_READ));
	show("hole msync", msync(a, 4 * page, MS_ASYNC));
	char *b = mmap(a + page, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	printf("fixed %d %d\n", b == a + page, b[0]);
	printf("kept %c %c\n", a[0], a[2 * page]);
	int fd = open("mapped", O_RDWR | O_CREAT, 0600);
	write(fd, "file contents, some of them", 27);
	char *p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	p[0] = 'F';
	char *s = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memcpy(s + 5, "CONTENTS", 8);
	char back[28] = "";
	pread(fd, back, 27, 0);
	printf("%s\n%.27s\n", back, s);
	pwrite(fd, "written", 7, 15);
	printf("%.27s %d\n", s, s[27]);
	printf("%c\n", p[0]);
	munmap(s, page);
	close(fd);
	fd = open("mapped", O_RDONLY);
	read(fd, back, 27);
	printf("%s\n", back);
	printf("shared write: %s\n", why(mmap(NULL, page, PROT_WRITE, MAP_SHARED, fd, 0)));
	printf("offset: %s\n", why(mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 5)));
	printf("zero: %s\n", why(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
	printf("no type: %s\n", why(mmap(NULL, page, PROT_READ, MAP_ANONYMOUS, -1, 0)));
	printf("bad fd: %s\n", why(mmap(NULL, page, PROT_READ, MAP_PRIVATE, 77, 0)));
	printf("huge: %s\n", why(mmap(NULL, 1L << 47, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
	printf("unaligned: %s\n",
	       why(mmap((void *)0x123456, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)));
	printf("directory: %s\n", why(mmap(NULL, page, PROT_READ, MAP_PRIVATE, open(".", O_RDONLY), 0)));
	show("munmap unaligned", munmap(a + 1, page));
	char *m = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(m, "moved along");
	m[2 * page] = '!';
	munmap(m + 2 * page, page);
	m = mremap(m, 2 * page, 64 * page, MREMAP_MAYMOVE);
	printf("%s %d\n", m, m[63 * page]);
	m = mremap(m, 64 * page, page, 0);
	printf("%s\n", m);
	char *target = mmap(NULL, 4 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *n = mremap(m, page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, target + page);
	printf("%d %s\n", n == target + page, n);
	printf("bad mremap: %s\n", why(mremap(m, page, page, 0)));
	memset(n, 'z', 2 * page);
	madvise(n, page, MADV_DONTNEED);
	printf("dontneed %d %c\n", n[0], n[page]);
	unsigned char present[2];
	show("mincore", mincore(n, page, present));
	show("mincore of nothing", mincore((void *)0x20000, page, present));
	return 0;
}
