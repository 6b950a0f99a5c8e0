#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

int main(void)
{
	struct utsname name;
	struct rlimit limit;
	struct rusage usage;
	struct sysinfo info;
	char comm[16];
	uname(&name);
	printf("%s %s\n", name.sysname, name.machine);
	printf("pid %d, group %d, parent %d\n", getpid() > 1, getpgrp() > 0, getppid() >= 0);
	printf("same: %d %d\n", getuid() == geteuid(), getgid() == getegid());
	uid_t r, e, s;
	getresuid(&r, &e, &s);
	printf("three: %d\n", r == e && e == s);
	getrlimit(RLIMIT_STACK, &limit);
	printf("stack %lu\n", (unsigned long)limit.rlim_cur);
	limit.rlim_cur = 64;
	limit.rlim_max = 64;
	printf("nofile %d\n", setrlimit(RLIMIT_NOFILE, &limit));
	int count = 0;
	while (dup(0) >= 0)
		count++;
	printf("%d descriptors, then %s\n", count, strerror(errno));
	limit.rlim_cur = 65;
	show("soft over hard", setrlimit(RLIMIT_NOFILE, &limit));
	prctl(PR_SET_NAME, "a longer name than fits");
	prctl(PR_GET_NAME, comm);
	printf("%s\n", comm);
	printf("usage %d\n", getrusage(RUSAGE_SELF, &usage));
	show("sysinfo", sysinfo(&info));
	printf("memory %d\n", info.totalram > 0);
	printf("setuid %d\n", setuid(getuid()));
	cpu_set_t cpus;
	printf("affinity %d\n", sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) > 0);
	printf("yield %d\n", sched_yield());
	return 0;
}
