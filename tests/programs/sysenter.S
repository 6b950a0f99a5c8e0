/* A 32-bit program that calls by way of the page that AT_SYSINFO names. */
	.globl _start
	.text
_start:
	movl	%esp, %esi
	lodsl				/* argc */
	leal	4(%esi, %eax, 4), %esi	/* over argv */
environment:
	lodsl
	testl	%eax, %eax
	jnz	environment
auxiliary:
	lodsl				/* a key, ... */
	movl	%eax, %ecx
	lodsl				/* ... and its value */
	cmpl	$32, %ecx		/* AT_SYSINFO */
	jne	auxiliary
	movl	%eax, %ebp

	movl	$4, %eax		/* write(1, text, 3) */
	movl	$1, %ebx
	movl	$text, %ecx
	movl	$3, %edx
	movl	%ebp, %edi
	call	*%edi
	movl	%eax, %ebx		/* exit_group(what it wrote) */
	movl	$252, %eax
	call	*%edi
	ud2
	.data
text:	.ascii	"hi\n"
