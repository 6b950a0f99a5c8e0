#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

int main(void)
{
	char path[64], buffer[4096];
	struct stat st;
	const char *names[] = {"cmdline", "comm", "cwd", "environ", "exe", "fd", "limits", "maps",
			       "mounts", "root", "stat", "statm", "status", "task", "nothing"};
	for (int i = 0; i < 15; i++) {
		snprintf(path, sizeof path, "/proc/self/%s", names[i]);
		if (lstat(path, &st))
			show(path, -1);
		else
			printf("%s %o\n", path, st.st_mode & S_IFMT);
	}
	int fd = open("/proc/self/comm", O_RDONLY);
	ssize_t size = read(fd, buffer, sizeof buffer);
	printf("comm ends with a newline %d, then %zd\n", buffer[size - 1] == '\n', read(fd, buffer, 1));
	snprintf(path, sizeof path, "/proc/%d/stat", getpid());
	fd = open(path, O_RDONLY);
	size = read(fd, buffer, sizeof buffer - 1);
	buffer[size] = 0;
	printf("stat %d, state %c\n", atoi(buffer) == getpid(), strrchr(buffer, ')')[2]);
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;
	int count = 0;
	while ((entry = readdir(directory)))
		count += entry->d_name[0] != '.';
	closedir(directory);
	printf("descriptors %d\n", count);
	show("file in a file", open("/proc/self/comm/x", O_RDONLY));
	show("other process", open("/proc/999999/comm", O_RDONLY));
	show("cwd", chdir("/proc/self/cwd"));
	show("mkdir", mkdir("/proc/made", 0700));
	show("unlink", unlink("/proc/self/comm") < 0);
	size = readlink("/proc/self/cwd", buffer, sizeof buffer - 1);
	buffer[size] = 0;
	char here[4096];
	printf("cwd %d\n", getcwd(here, sizeof here) && !strcmp(here, buffer));
	size = readlink("/proc/self", buffer, sizeof buffer - 1);
	buffer[size] = 0;
	printf("self %d\n", atoi(buffer) == getpid());
	int pair[2];
	pipe(pair);
	snprintf(path, sizeof path, "/proc/self/fd/%d", pair[1]);
	size = readlink(path, buffer, sizeof buffer);
	printf("%.5s\n", buffer);
	fd = open(path, O_WRONLY);
	show("write", write(fd, "again", 5));
	show("read", read(pair[0], buffer, sizeof buffer));
	stat(path, &st);
	printf("a pipe %d\n", S_ISFIFO(st.st_mode));
	show("stdin", open("/dev/stdin", O_RDONLY) > 0);
	show("hostname", access("/proc/sys/kernel/hostname", R_OK));
	show("uptime", read(open("/proc/uptime", O_RDONLY), buffer, sizeof buffer) > 0);
	show("meminfo", read(open("/proc/meminfo", O_RDONLY), buffer, 16));
	printf("%.9s\n", buffer);
	show("cpuinfo", read(open("/proc/cpuinfo", O_RDONLY), buffer, 9));
	printf("%.9s\n", buffer);
	stat("/proc/self", &st);
	printf("directory %d\n", S_ISDIR(st.st_mode));
	stat("/dev/null", &st);
	printf("%o %lx\n", st.st_mode, (unsigned long)st.st_rdev);
	return 0;
}
