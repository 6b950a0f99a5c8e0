/* Writes code and runs it; some of it changes the instruction behind itself. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

typedef int function(void);

int main(void)
{
	unsigned char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* movb $7, 1(%rip): the operand of the next, mov $1, %eax; ret */
	static const unsigned char changes_next[] = {
		0xc6, 0x05, 1, 0, 0, 0, 7, 0xb8, 1, 0, 0, 0, 0xc3,
	};
	int sum = 0;

	for (int i = 0; i < 20; i++) {
		page[0] = 0xb8;
		memcpy(page + 1, &i, sizeof(i));
		page[5] = 0xc3;
		sum += ((function *)page)();
	}
	memcpy(page + 64, changes_next, sizeof(changes_next));
	sum += 1000 * ((function *)(page + 64))();
	/* The same across a page's end, so that the store and what it changes lie on two pages. */
	memcpy(page + 4096 - 7, changes_next, sizeof(changes_next));
	sum += 10000 * ((function *)(page + 4096 - 7))();
	printf("%d\n", sum);
	return 0;
}
