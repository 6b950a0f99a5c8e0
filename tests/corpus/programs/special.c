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
	char buffer[4096], other[64];
	struct stat st;
	int fd = open("/dev/zero", O_RDWR);
	memset(buffer, 1, 100);
	printf("zero %zd %d\n", read(fd, buffer, 100), buffer[50]);
	fd = open("/dev/null", O_RDWR);
	printf("null %zd %zd\n", read(fd, buffer, 10), write(fd, buffer, 10));
	fstat(fd, &st);
	printf("device %lx mode %o\n", (unsigned long)st.st_rdev, st.st_mode);
	fd = open("/dev/urandom", O_RDONLY);
	printf("random %zd %zd %d\n", read(fd, buffer, 64), read(fd, other, 64),
	       memcmp(buffer, other, 64) != 0);
	show("full", write(open("/dev/full", O_WRONLY), "x", 1));
	fd = open("/proc/self/cmdline", O_RDONLY);
	ssize_t size = read(fd, buffer, sizeof buffer);
	printf("cmdline ends %d\n", size > 0 && buffer[size - 1] == 0);
	FILE *status = fopen("/proc/self/status", "r");
	int pid = -1;
	while (status && fgets(buffer, sizeof buffer, status))
		if (sscanf(buffer, "Pid: %d", &pid) == 1)
			break;
	printf("status %d\n", pid == getpid());
	int stack = 0, code = 0;
	unsigned long low, high;
	char rights[8], *line = buffer;
	size = read(open("/proc/self/maps", O_RDONLY), buffer, sizeof buffer - 1);
	buffer[size] = 0;
	stack = strstr(buffer, "[stack]") != NULL;
	while (line && sscanf(line, "%lx-%lx %7s", &low, &high, rights) == 3) {
		code += low <= (unsigned long)main && (unsigned long)main < high && rights[2] == 'x';
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	printf("maps %d %d\n", stack, code);
	fd = open("own", O_RDWR | O_CREAT, 0600);
	write(fd, "through /proc", 13);
	snprintf(other, sizeof other, "/proc/self/fd/%d", fd);
	size = readlink(other, buffer, sizeof buffer);
	printf("fd link %d\n", size > 4 && !memcmp(buffer + size - 4, "/own", 4));
	printf("opened again %zd\n", read(open(other, O_RDONLY), buffer, sizeof buffer));
	size = readlink("/proc/self/exe", buffer, sizeof buffer);
	printf("exe %d\n", size > 0 && buffer[0] == '/');
	printf("in exe %zd\n", read(open("/proc/self/exe", O_RDONLY), buffer, 4));
	printf("%d %.3s\n", buffer[0], buffer + 1);
	show("no tty", isatty(0));
	printf("proc is fixed: %d\n", open("/proc/mine", O_CREAT | O_WRONLY, 0600) < 0);
	return 0;
}
