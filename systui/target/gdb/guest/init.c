/*
 * The first process of a guest that `systui boot` starts.
 *
 * It readies /dev, /proc and /sys, forks the program to be watched, tells the control port
 * (the second serial port) the program's pid, and lets the program start when the answer comes:
 * so whatever has to be armed is armed before the first instruction. When the program ends it
 * says with what status and, once that was answered, powers off. Without a control port it does
 * all the same without asking.
 *
 * /.systui holds what to run: a mode word ("run": as a child; "become": in this process, for an
 * init of the user's own), then path and arguments, each ended by a NUL.
 *
 * Freestanding: no C library is linked, so it runs on any kernel of its word's size.
 */
#include <asm/unistd.h>

typedef unsigned long word;

enum { O_RDONLY = 0, O_RDWR = 2, TCSETS = 0x5402, TIOCSCTTY = 0x540e, WAIT_ANY = -1 };
enum { POWER_OFF = 0x4321fedc, REBOOT_1 = 0xfee1dead, REBOOT_2 = 0x28121969 };
enum { LIST_SIZE = 32768, MAX_ARGUMENTS = 256, CLOCAL_CREAD_CS8_B115200 = 0x1cb2 };

static char list[LIST_SIZE];
static char *arguments[MAX_ARGUMENTS + 1];
static char *environment[] = {
	"PATH=/bin:/sbin:/usr/bin:/usr/sbin:/", "HOME=/", "TERM=linux", 0,
};

static long call(long number, word a, word b, word c, word d, word e)
{
	long result;
#ifdef __i386__
	asm volatile("int $0x80"
		     : "=a"(result)
		     : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
		     : "memory");
#else
	register word r10 asm("r10") = d;
	register word r8 asm("r8") = e;

	asm volatile("syscall"
		     : "=a"(result)
		     : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
		     : "rcx", "r11", "memory");
#endif
	return result;
}

static word length(const char *text)
{
	word count = 0;

	while (text[count])
		count++;
	return count;
}

static void put(long port, const char *text)
{
	call(__NR_write, port, (word)text, length(text), 0, 0);
}

static void put_number(long port, word value)
{
	char digits[24];
	char *start = digits + sizeof(digits) - 1;

	*start = 0;
	do {
		*--start = '0' + value % 10;
		value /= 10;
	} while (value);
	put(port, start);
}

static void mount_on(const char *directory, const char *type)
{
	call(__NR_mkdir, (word)directory, 0755, 0, 0, 0);
	call(__NR_mount, (word)type, (word)directory, (word)type, 0, 0);
}

static long open_port(void)
{
	/* struct termios of the kernel: four flag words, the line discipline, control characters. */
	struct {
		unsigned int input, output, control, local;
		unsigned char line, characters[19];
	} raw = { 0, 0, CLOCAL_CREAD_CS8_B115200, 0, 0, { 0 } };
	long port = call(__NR_open, (word) "/dev/ttyS1", O_RDWR, 0, 0, 0);

	raw.characters[6] = 1; /* VMIN: a read waits for one byte */
	if (port >= 0 && call(__NR_ioctl, port, TCSETS, (word)&raw, 0, 0) < 0)
		port = -1;
	return port;
}

static void wait_for_answer(long port)
{
	char answer;

	if (port >= 0)
		call(__NR_read, port, (word)&answer, 1, 0, 0);
}

static void tell(long port, const char *what, word value)
{
	put(port, what);
	put_number(port, value);
	put(port, "\n");
}

static void read_list(void)
{
	long file = call(__NR_open, (word) "/.systui", O_RDONLY, 0, 0, 0);
	long size = call(__NR_read, file, (word)list, LIST_SIZE - 1, 0, 0);
	int count = 0;
	char *next;

	call(__NR_close, file, 0, 0, 0, 0);
	next = list + length(list) + 1; /* past the mode word */
	while (next < list + size && count < MAX_ARGUMENTS) {
		arguments[count++] = next;
		next += length(next) + 1;
	}
}

static void start_program(void)
{
	call(__NR_execve, (word)arguments[0], (word)arguments, (word)environment, 0, 0);
	put(2, "systui: the guest cannot start ");
	put(2, arguments[0]);
	put(2, "\n");
	call(__NR_exit_group, 127, 0, 0, 0, 0);
}

/* The program gets the console as its controlling terminal, so that Ctrl-C typed there works. */
static void take_terminal(void)
{
	long file;

	call(__NR_setsid, 0, 0, 0, 0, 0);
	file = call(__NR_open, (word) "/dev/ttyS0", O_RDWR, 0, 0, 0);
	if (file < 0)
		return;
	call(__NR_ioctl, file, TIOCSCTTY, 1, 0, 0);
	for (int standard = 0; standard < 3; standard++)
		call(__NR_dup2, file, standard, 0, 0, 0);
	if (file > 2)
		call(__NR_close, file, 0, 0, 0, 0);
}

static void run(long port)
{
	int gate[2];
	char go;
	int status = 0;
	long pid;

	call(__NR_pipe, (word)gate, 0, 0, 0, 0);
	pid = call(__NR_fork, 0, 0, 0, 0, 0);
	if (pid == 0) {
		take_terminal();
		call(__NR_close, gate[1], 0, 0, 0, 0);
		if (port >= 0)
			call(__NR_close, port, 0, 0, 0, 0);
		call(__NR_read, gate[0], (word)&go, 1, 0, 0);
		call(__NR_close, gate[0], 0, 0, 0, 0);
		start_program();
	}
	tell(port, "ready ", pid);
	wait_for_answer(port);
	call(__NR_close, gate[1], 0, 0, 0, 0);
	while (call(__NR_wait4, WAIT_ANY, (word)&status, 0, 0, 0) != pid)
		;
	tell(port, "ended ", status & 0x7f ? 128 + (status & 0x7f) : (status >> 8) & 0xff);
	wait_for_answer(port);
	call(__NR_reboot, REBOOT_1, REBOOT_2, POWER_OFF, 0, 0);
}

void guest_main(void)
{
	long port;

	mount_on("/proc", "proc");
	mount_on("/sys", "sysfs");
	mount_on("/dev", "devtmpfs");
	port = open_port();
	read_list();
	if (list[0] == 'r')
		run(port);
	tell(port, "ready ", 1);
	wait_for_answer(port);
	start_program();
}

#ifdef __i386__
asm(".globl _start\n_start:\n\txorl %ebp, %ebp\n\tandl $-16, %esp\n\tcall guest_main\n\thlt\n");
#else
asm(".globl _start\n_start:\n\txorl %ebp, %ebp\n\tandq $-16, %rsp\n\tcall guest_main\n\thlt\n");
#endif
