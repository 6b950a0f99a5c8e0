/* stdin: first line\nsecond, longer line\n\nlast without newline */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	int number = 0;
	while ((length = getline(&line, &room, stdin)) >= 0)
		printf("%d: %zd: %.*s|\n", ++number, length,
		       (int)(length && line[length - 1] == '\n' ? length - 1 : length), line);
	printf("eof %d error %d\n", feof(stdin) != 0, ferror(stdin) != 0);
	free(line);
	char rest[8];
	printf("read %zd\n", read(0, rest, sizeof rest));
	fprintf(stderr, "to standard error\n");
	return 0;
}
