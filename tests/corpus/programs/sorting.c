#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;
	return (x > y) - (x < y);
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(void)
{
	enum { COUNT = 3000 };
	static int numbers[COUNT];
	srand(1);
	unsigned long state = 42;
	for (int i = 0; i < COUNT; i++) {
		state = state * 1103515245 + 12345;
		numbers[i] = (state >> 16) % 10000;
	}
	qsort(numbers, COUNT, sizeof *numbers, compare);
	for (int i = 0; i < COUNT; i += 300)
		printf("%d ", numbers[i]);
	int key = numbers[1234];
	int *found = bsearch(&key, numbers, COUNT, sizeof *numbers, compare);
	printf("found %d\n", found && *found == key);
	char *words[] = {"pear", "apple", "fig", "banana", "cherry"};
	qsort(words, 5, sizeof *words, compare_words);
	for (int i = 0; i < 5; i++)
		printf("%s%s", words[i], i < 4 ? "," : "\n");
	return 0;
}
