/*
 * Makes system calls at random, with arguments that a hostile program would choose: any number,
 * small descriptors, pointers to the edges of what is mapped, into the kernel, over the end of the
 * address space, lengths that wrap. Usage: random_calls SEED CALLS TASKS.
 *
 * The others of TASKS are processes and threads by turns, with a pipe and a pair of sockets between
 * them; each goes its own way, and they make the calls that wait or end too.
 */
typedef unsigned long u64;

static u64 state;
static char room[3 * 4096] __attribute__((aligned(4096)));
static char stacks[8][4 * 4096] __attribute__((aligned(4096)));

static u64 next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static u64 argument(void)
{
	static const u64 edges[] = {
		0, 1, 2, 3, 7, 8, 4095, 4096, 0x7fffffffUL, 0x80000000UL, 0xffffffffUL,
		0x7ffffffff000UL, 0x7fffffffffffUL, 0x800000000000UL, 0xffff800000000000UL,
		0xffffffff81000000UL, 0xfffffe0000000000UL, -1UL, -2UL, -4096UL, 1UL << 40, 1UL << 62,
	};
	u64 kind = next() % 8;

	if (kind < 2)
		return next() % 12;
	if (kind < 4)
		return (u64)room + next() % sizeof(room);
	if (kind == 4)
		return (u64)room + sizeof(room) - next() % 16;
	if (kind == 5)
		return next() >> (next() % 64);
	if (kind == 6)
		return (u64)room + (next() % 3) * 4096;
	return edges[next() % (sizeof(edges) / sizeof(edges[0]))];
}

static int ends_or_waits(u64 number, int first)
{
	/* rt_sigreturn and exit_group only end the run; exit, pause and the waits in the first task */
	static const u64 left_out[] = { 15, 231, 34, 35, 60, 61, 130, 219, 230, 247 };
	unsigned int index, count = first ? sizeof(left_out) / sizeof(left_out[0]) : 2;

	for (index = 0; index < count; index++)
		if (left_out[index] == number)
			return 1;
	return 0;
}

static u64 call(u64 number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	register u64 r10 asm("r10") = d, r8 asm("r8") = e, r9 asm("r9") = f;
	u64 result;

	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	return result;
}

static u64 decimal(const char *text)
{
	u64 value = 0;

	while (*text)
		value = value * 10 + (*text++ - '0');
	return value;
}

static u64 left;

/* A task's calls; `who` is 0 for the first one. */
__attribute__((used)) void live(u64 who)
{
	u64 mine = left;

	state ^= who * 0xda942042e4dd58b5UL;
	while (mine--) {
		u64 number = next() % 16 ? next() % 462 : next();

		if (ends_or_waits(number, !who))
			continue;
		/* one at a time: the order in which C evaluates arguments is not fixed */
		u64 a = argument(), b = argument(), c = argument();
		u64 d = argument(), e = argument(), f = argument();

		call(number, a, b, c, d, e, f);
	}
	call(who ? 60 : 231, 7, 0, 0, 0, 0, 0);
	for (;;)
		;
}

/* A thread: memory, files and signals are common; it begins on a stack of its own. */
static void thread(u64 who, char *top)
{
	u64 flags = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000, result;
	register u64 number asm("rbx") = who;

	asm volatile("syscall\n\ttestq %%rax, %%rax\n\tjnz 1f\n\t"
		     "movq %%rbx, %%rdi\n\tcall live\n1:"
		     : "=a"(result)
		     : "a"(56), "D"(flags), "S"(top), "d"(0), "r"(number)
		     : "rcx", "r11", "memory");
}

__attribute__((used)) void begin(u64 *stack)
{
	u64 tasks = decimal((const char *)stack[4]), who, fill;

	left = decimal((const char *)stack[3]);
	state = decimal((const char *)stack[2]) * 0x9e3779b97f4a7c15UL + 1;
	for (fill = 0; fill < sizeof(room); fill++)
		room[fill] = next() % 4 ? next() % 64 : "/tmp/a.\0"[next() % 8];
	if (tasks > 1) {
		call(22, (u64)room, 0, 0, 0, 0, 0);
		call(53, 1, 1, 0, (u64)room, 0, 0);
	}
	for (who = 1; who < tasks; who++) {
		if (who % 2 == 0)
			thread(who, stacks[who % 8] + sizeof(stacks[0]));
		else if (!call(57, 0, 0, 0, 0, 0, 0))
			live(who);
	}
	live(0);
}

asm(".globl _start\n_start:\n\tmovq %rsp, %rdi\n\tandq $-16, %rsp\n\tcall begin\n");
