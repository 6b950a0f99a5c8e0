#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 400

int main(void)
{
	static char *blocks[COUNT];
	unsigned long state = 12345, sum = 0;
	for (int round = 0; round < 4000; round++) {
		state = state * 6364136223846793005UL + 1442695040888963407UL;
		int at = (state >> 33) % COUNT;
		size_t size = (state >> 45) % (round % 50 ? 3000 : 300000) + 1;
		if (blocks[at] && round % 3 == 0) {
			blocks[at] = realloc(blocks[at], size);
		} else {
			free(blocks[at]);
			blocks[at] = malloc(size);
		}
		if (!blocks[at])
			return 1;
		blocks[at][0] = round;
		blocks[at][size - 1] = round + 1;
	}
	for (int i = 0; i < COUNT; i++)
		if (blocks[i])
			sum += (unsigned char)blocks[i][0];
	char *zeroed = calloc(1000, 1000);
	for (int i = 0; i < 1000000; i += 4096)
		sum += zeroed[i];
	printf("sum %lu\n", sum);
	printf("too much: %d\n", malloc((size_t)1 << 46) == NULL);
	for (int i = 0; i < COUNT; i++)
		free(blocks[i]);
	free(zeroed);
	return 0;
}
