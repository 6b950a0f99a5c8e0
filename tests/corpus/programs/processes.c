#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

int main(void)
{
	int word = 5, state = 0;
	unsigned long base = 0;
	show("get fs", syscall(SYS_arch_prctl, 0x1003, &base));
	printf("a base %d\n", base != 0);
	show("set gs", syscall(SYS_arch_prctl, 0x1001, 0x1234000UL));
	show("get gs", syscall(SYS_arch_prctl, 0x1004, &base));
	printf("%lx\n", base);
	show("dumpable", prctl(PR_GET_DUMPABLE));
	show("death", prctl(PR_SET_PDEATHSIG, 9));
	show("death", prctl(PR_GET_PDEATHSIG, &state));
	printf("%d\n", state);
	show("death", prctl(PR_SET_PDEATHSIG, 99));
	show("timer slack", prctl(PR_GET_TIMERSLACK));
	show("unknown", prctl(98765, 0, 0, 0, 0));
	show("no new", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	show("no new", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	show("no new", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	show("wait", waitpid(-1, &state, 0));
	show("wait", waitpid(-1, &state, 0x1234));
	siginfo_t info;
	show("waitid", waitid(P_ALL, 0, &info, WEXITED));
	show("waitid", waitid(P_ALL, 0, &info, 0));
	show("futex", syscall(SYS_futex, &word, 0, 4, NULL));
	struct timespec soon = {0, 10000000};
	show("futex", syscall(SYS_futex, &word, 128, 5, &soon));
	show("futex", syscall(SYS_futex, &word, 1, 5));
	show("futex", syscall(SYS_futex, (char *)&word + 1, 1, 5));
	show("futex", syscall(SYS_futex, &word, 9, 5, NULL, NULL, 0));
	show("futex", syscall(SYS_futex, &word, 4, 1, 1, &word, 4));
	show("futex", syscall(SYS_futex, &word, 77));
	soon.tv_nsec = -1;
	show("futex", syscall(SYS_futex, &word, 0, 5, &soon));
	show("robust", syscall(SYS_set_robust_list, &word, 24));
	show("robust", syscall(SYS_set_robust_list, &word, 23));
	unsigned long size = 0, *head = NULL;
	show("robust", syscall(SYS_get_robust_list, 0, &head, &size));
	printf("%d %lu\n", (void *)head == &word, size);
	struct sched_param parameters = {0};
	show("scheduler", sched_getscheduler(0));
	show("scheduler", syscall(SYS_sched_getscheduler, 0));
	show("scheduler", syscall(SYS_sched_getscheduler, -1));
	show("parameters", syscall(SYS_sched_getparam, 0, &parameters));
	show("parameters", syscall(SYS_sched_setscheduler, 0, 0, &parameters));
	show("parameters", syscall(SYS_sched_setscheduler, 0, 99, &parameters));
	show("most", syscall(SYS_sched_get_priority_max, 1));
	show("least", syscall(SYS_sched_get_priority_min, 2));
	show("policy", syscall(SYS_sched_get_priority_min, 99));
	show("priority", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	show("priority", syscall(SYS_getpriority, 9, 0));
	show("nice", setpriority(PRIO_PROCESS, 0, 0));
	cpu_set_t cpus;
	show("affinity", syscall(SYS_sched_getaffinity, 0, 7, &cpus));
	show("affinity", syscall(SYS_sched_setaffinity, 0, 0, &cpus));
	unsigned cpu = 99, node = 99;
	show("getcpu", syscall(SYS_getcpu, &cpu, &node, 0));
	show("membarrier", syscall(SYS_membarrier, 0, 0, 0) > 0);
	show("membarrier", syscall(SYS_membarrier, 0, 7, 0));
	struct {
		unsigned version;
		int pid;
	} header = {0x20080522, 0};
	unsigned data[6];
	show("capget", syscall(SYS_capget, &header, data));
	header.version = 1;
	show("capget", syscall(SYS_capget, &header, data));
	printf("%x\n", header.version);
	show("getpgid", getpgid(0) == getpgrp());
	show("getpgid", getpgid(-5));
	show("groups", getgroups(-1, NULL));
	show("tkill", syscall(SYS_tkill, 0, 1));
	show("tgkill", syscall(SYS_tgkill, 1, -1, 1));
	show("mlock", mlock(&word, 4));
	show("mlock", mlock((void *)0x20000, 4096));
	show("munlock", munlock(&word, 4));
	show("mlockall", syscall(SYS_mlockall, 0));
	show("munlockall", munlockall());
	show("sigaltstack", syscall(SYS_sigaltstack, 8, 0));
	show("setitimer", syscall(SYS_setitimer, 9, 0, 0));
	show("setitimer", setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 1000000}}, NULL));
	show("getitimer", syscall(SYS_getitimer, 3, 0));
	show("times", syscall(SYS_times, 0) != -1);
	show("rusage", syscall(SYS_getrusage, 77, 0));
	show("limit", syscall(SYS_getrlimit, 99, 0));
	show("rseq", syscall(SYS_rseq, 1, 32, 0, 0));
	return 0;
}
