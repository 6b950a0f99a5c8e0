/* Does one forbidden thing, named by its argument; the kernel answers with a signal. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char constant[4096 * 2] = "constant";
static int (*volatile jump)(void);

static int recurse(int depth)
{
	volatile char room[512];

	room[0] = (char)depth;
	return recurse(depth + 1) + room[0];
}

static void off_the_end(void)
{
	/* The last bytes of a page are nops, and nothing is mapped behind it. */
	unsigned char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(page + 4096, 4096);
	memset(page, 0x90, 4096);
	jump = (int (*)(void))(page + 4000);
	jump();
}

static void straddle(void)
{
	/* An instruction begins on a page and would end on the next, which is not there. */
	unsigned char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(page + 4096, 4096);
	memset(page, 0x90, 4096);
	page[4094] = 0x48;
	page[4095] = 0xb8;
	jump = (int (*)(void))(page + 4080);
	jump();
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char code[16] = "\xb8\x01\x00\x00\x00\xc3";

	if (!strcmp(what, "read-null"))
		return *(volatile int *)0;
	if (!strcmp(what, "write-null"))
		*(volatile int *)16 = 1;
	if (!strcmp(what, "read-kernel"))
		return *(volatile int *)0xffffffff81000000;
	if (!strcmp(what, "write-constant"))
		*(volatile char *)(uintptr_t)constant = 1;
	if (!strcmp(what, "write-code"))
		*(volatile char *)(uintptr_t)main = 1;
	if (!strcmp(what, "run-stack")) {
		jump = (int (*)(void))(uintptr_t)code;
		return jump();
	}
	if (!strcmp(what, "run-nowhere")) {
		jump = (int (*)(void))0x123456789000;
		return jump();
	}
	if (!strcmp(what, "run-kernel")) {
		jump = (int (*)(void))0xffffffff81000000;
		return jump();
	}
	if (!strcmp(what, "off-the-end"))
		off_the_end();
	if (!strcmp(what, "straddle"))
		straddle();
	if (!strcmp(what, "not-canonical"))
		return *(volatile int *)0x800000000000;
	if (!strcmp(what, "divide"))
		__asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx" : : : "rax", "rcx", "rdx");
	if (!strcmp(what, "undefined"))
		__asm__ volatile("ud2");
	if (!strcmp(what, "int3"))
		__asm__ volatile("int3");
	if (!strcmp(what, "int"))
		__asm__ volatile("int $0x20");
	if (!strcmp(what, "trap-flag"))
		__asm__ volatile("pushfq; orq $0x100, (%rsp); popfq; nop; nop");
	if (!strcmp(what, "cli"))
		__asm__ volatile("cli");
	if (!strcmp(what, "hlt"))
		__asm__ volatile("hlt");
	if (!strcmp(what, "cr3"))
		__asm__ volatile("movq %%cr3, %%rax" : : : "rax");
	if (!strcmp(what, "swapgs"))
		__asm__ volatile("swapgs");
	if (!strcmp(what, "in"))
		__asm__ volatile("inb $0x60, %%al" : : : "rax");
	if (!strcmp(what, "recurse"))
		return recurse(0);
	printf("nothing done\n");
	return 3;
}
