/* The same as scenario_int80.S as a 32-bit program. */
	.globl _start, loop, counted, stored, say, ask, finish, counter, buffer, text
	.text
_start:
	movl	$5, %ebx
loop:
	addl	$3, counter
counted:
	decl	%ebx
	jnz	loop
	movl	$0x11223344, %eax
stored:
	movl	%eax, buffer
say:
	movl	$4, %eax		/* write(1, text, 6) */
	movl	$1, %ebx
	leal	text, %ecx
	movl	$6, %edx
	int	$0x80
	movl	$147, %eax		/* getsid(1): every age has it */
	movl	$1, %ebx
	int	$0x80
ask:
	movl	$3, %eax		/* read(0, buffer, 16) */
	xorl	%ebx, %ebx
	leal	buffer, %ecx
	movl	$16, %edx
	int	$0x80
	movl	%eax, %ebx		/* exit(what it read) */
finish:
	movl	$252, %eax
	int	$0x80
	ud2
	.data
	.balign 8
counter: .quad 0
buffer:	.zero 16
text:	.ascii "hello\n"
