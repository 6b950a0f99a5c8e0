/* The same as scenario.S, its calls made by `int $0x80` with their 32-bit numbers. */
	.globl _start, loop, counted, stored, say, ask, finish, counter, buffer, text
	.text
_start:
	movl	$5, %ebx
loop:
	addq	$3, counter(%rip)
counted:
	decl	%ebx
	jnz	loop
	movq	$0x11223344, %rax
stored:
	movq	%rax, buffer(%rip)
say:
	movl	$4, %eax		/* write(1, text, 6) */
	movl	$1, %ebx
	leaq	text(%rip), %rcx
	movl	$6, %edx
	int	$0x80
	movl	$364, %eax		/* accept4(1, 0, 0, 0) */
	movl	$1, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	int	$0x80
ask:
	movl	$3, %eax		/* read(0, buffer, 16) */
	xorl	%ebx, %ebx
	leaq	buffer(%rip), %rcx
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
