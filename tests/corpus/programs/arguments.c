/* args: one two --three= "" "with blank" */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf("argv[%d] = '%s'\n", i, argv[i]);
	printf("argv ends: %d\n", argv[argc] == NULL);
	int count = 0;
	for (char **e = environ; *e; e++, count++)
		printf("%s\n", *e);
	const char *value = getenv("GREETING");
	printf("GREETING=%s, %d variables\n", value ? value : "(none)", count);
	setenv("GREETING", "changed", 1);
	printf("GREETING=%s\n", getenv("GREETING"));
	printf("page size %ld, auxv page size %lu, secure %lu\n", sysconf(_SC_PAGESIZE),
	       getauxval(AT_PAGESZ), getauxval(AT_SECURE));
	printf("random given: %d, entry given: %d\n", getauxval(AT_RANDOM) != 0,
	       getauxval(AT_ENTRY) != 0);
	return argc;
}
