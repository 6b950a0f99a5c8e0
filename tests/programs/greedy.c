/* Takes without end what its argument names. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIECE (1UL << 20)

static void *take(size_t size, int flags)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "time"))
		for (;;)
			;
	if (!strcmp(what, "calls"))
		for (;;)
			getppid();
	if (!strcmp(what, "memory"))
		for (int count = 0;; count++) {
			char *piece = take(PIECE, 0);

			if (piece == MAP_FAILED) {
				perror("mmap");
				return count;
			}
			for (size_t at = 0; at < PIECE; at += 4096)
				piece[at] = (char)(at >> 12);
		}
	if (!strcmp(what, "frames")) {
		volatile char *all = take(1UL << 36, MAP_NORESERVE);

		for (size_t at = 0;; at += 4096)
			all[at] = 1;
	}
	if (!strcmp(what, "tables")) {
		volatile char *all = take(1UL << 42, MAP_NORESERVE);

		for (size_t at = 0;; at += 1UL << 30)
			all[at] = 1;
	}
	return 0;
}
