#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void say(const char *what, int value)
{
	printf("%s: %s\n", what, value < 0 ? strerror(errno) : "ok");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char *names[64];
	int count = 0;
	if (!directory) {
		say(path, -1);
		return;
	}
	while ((entry = readdir(directory))) {
		char line[300];
		snprintf(line, sizeof line, "%s(%d)", entry->d_name, entry->d_type);
		names[count++] = strdup(line);
	}
	closedir(directory);
	qsort(names, count, sizeof *names, by_name);
	printf("%s:", path);
	for (int i = 0; i < count; i++)
		printf(" %s", names[i]);
	printf("\n");
}

int main(void)
{
	char here[256], there[256];
	struct stat st;
	say("mkdir", mkdir("tree", 0755));
	say("mkdir again", mkdir("tree", 0755));
	say("mkdir deep", mkdir("tree/a/b", 0755));
	say("mkdir", mkdir("tree/a", 0700));
	say("mkdir", mkdir("tree/a/b/", 0755));
	close(open("tree/file", O_CREAT | O_WRONLY, 0600));
	symlink("a/b", "tree/link");
	list("tree");
	stat("tree", &st);
	printf("mode %o links %lu\n", st.st_mode, (unsigned long)st.st_nlink);
	getcwd(here, sizeof here);
	say("chdir", chdir("tree/link"));
	getcwd(there, sizeof there);
	printf("%s\n", there + strlen(here));
	say("up", chdir("../../.."));
	getcwd(there, sizeof there);
	printf("back: %d\n", strcmp(here, there) == 0);
	say("chdir file", chdir("tree/file"));
	say("rmdir full", rmdir("tree"));
	say("rmdir file", rmdir("tree/file"));
	say("rmdir dot", rmdir("tree/."));
	say("unlink dir", unlink("tree/a"));
	say("rename", rename("tree/a", "tree/c"));
	say("into itself", rename("tree", "tree/c/d"));
	list("tree/c");
	list("tree/link");
	say("rename over", rename("tree/file", "tree/c"));
	say("stat", stat("tree/file/x", &st));
	say("trailing", stat("tree/file/", &st));
	int fd = open("tree", O_RDONLY | O_DIRECTORY);
	say("openat", openat(fd, "file", O_RDONLY));
	say("unlinkat", unlinkat(fd, "file", 0));
	say("unlinkat", unlinkat(fd, "link", 0));
	say("rmdir", rmdir("tree/c/b"));
	say("rmdir", unlinkat(fd, "c", AT_REMOVEDIR));
	say("fchdir", fchdir(fd));
	say("rmdir", rmdir("../tree"));
	say("gone", mkdir("x", 0755));
	printf("%s\n", getcwd(there, sizeof there) ? there : strerror(errno));
	list("/proc/self/nothing");
	return 0;
}
