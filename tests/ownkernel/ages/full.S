/* The shape of 4.2 to 4.5: a whole frame is pushed, and the entry still calls the handler. */
.section .entry.text, "ax"
.globl __entry_text_start, __entry_text_end, entry_SYSCALL_64
__entry_text_start:
entry_SYSCALL_64:
    swapgs
    mov %rsp, %gs:rsp_scratch
    mov %gs:cpu_tss + 4, %rsp
    pushq $0x2b
    pushq %gs:rsp_scratch
    pushq %r11
    pushq $0x33
    pushq %rcx
    pushq %rax
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq $-38
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    sub $48, %rsp
entry_SYSCALL_64_fastpath:
    sti
    cmp $LAST, %rax
    ja 1f
    mov %r10, %rcx
    call *sys_call_table(, %rax, 8)
    mov %rax, 80(%rsp)
1:  cli
    mov 48(%rsp), %r11
    mov 56(%rsp), %r10
    mov 64(%rsp), %r9
    mov 72(%rsp), %r8
    mov 80(%rsp), %rax
    mov 96(%rsp), %rdx
    mov 104(%rsp), %rsi
    mov 112(%rsp), %rdi
    mov 128(%rsp), %rcx
    mov 144(%rsp), %r11
    mov 152(%rsp), %rsp
    swapgs
#ifdef PARAVIRT
    /* Booting makes a plain jump of it: a row says where, which operation, and how long. */
leaving:
    jmp *pv_leave(%rip)
left:
native_leave:
#endif
    sysretq
__entry_text_end:

#ifdef PARAVIRT
.globl leaving, native_leave
.section .pv, "a"
    .quad leaving
    .byte 0, left - leaving
    .balign 8
.data
pv_leave: .quad native_leave
#endif

.section .percpu, "aw"
.globl rsp_scratch, cpu_tss
rsp_scratch: .quad 0
.balign 64
cpu_tss: .long 0
    .quad init_thread_union + STACK
    .fill 0x5c, 1, 0
