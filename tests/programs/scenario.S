/* What the contract's scenarios run: loops, stores, system calls, output, an end. */
	.globl _start, loop, counted, stored, say, ask, finish, counter, buffer, text
	.text
_start:
	movb	$0, buffer+15(%rip)	/* a kernel loads a page when it is first touched */
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
	movl	$1, %eax		/* write(1, text, 6) */
	movl	$1, %edi
	leaq	text(%rip), %rsi
	movl	$6, %edx
	syscall
	movl	$43, %eax		/* accept(1, 0, 0) */
	movl	$1, %edi
	xorl	%esi, %esi
	xorl	%edx, %edx
	syscall
ask:
	xorl	%eax, %eax		/* read(0, buffer, 16) */
	xorl	%edi, %edi
	leaq	buffer(%rip), %rsi
	movl	$16, %edx
	syscall
	movl	%eax, %edi		/* exit(what it read) */
finish:
	movl	$231, %eax
	syscall
	ud2
	.data
	.balign 8
counter: .quad 0
buffer:	.zero 16
text:	.ascii "hello\n"
