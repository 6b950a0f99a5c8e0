/* The shape of 3.x: the entry calls handlers itself and keeps what C may change, no more. */
.section .entry.text, "ax"
.globl __entry_text_start, __entry_text_end, system_call
__entry_text_start:
system_call:
    swapgs
    mov %rsp, %gs:old_rsp
    mov %gs:kernel_stack, %rsp
    sti
    sub $80, %rsp
    mov %rdi, 64(%rsp)
    mov %rsi, 56(%rsp)
    mov %rdx, 48(%rsp)
    mov %rax, 32(%rsp)
    mov %r8, 24(%rsp)
    mov %r9, 16(%rsp)
    mov %r10, 8(%rsp)
    mov %r11, (%rsp)
    mov %rax, 72(%rsp)
    mov %rcx, 80(%rsp)
    testl $0x100801d1, FLAGS-TOP+120(%rsp)
    jnz tracesys
system_call_fastpath:
    cmp $LAST, %rax
    ja badsys
    mov %r10, %rcx
    call *sys_call_table(, %rax, 8)
    mov %rax, 32(%rsp)
ret_from_sys_call:
    mov $0x1008feff, %edi
sysret_check:
    cli
    mov FLAGS-TOP+120(%rsp), %edx
    and %edi, %edx
    jnz sysret_signal
    mov 80(%rsp), %rcx
    mov (%rsp), %r11
    mov 8(%rsp), %r10
    mov 16(%rsp), %r9
    mov 24(%rsp), %r8
    mov 32(%rsp), %rax
    mov 48(%rsp), %rdx
    mov 56(%rsp), %rsi
    mov 64(%rsp), %rdi
    mov %gs:old_rsp, %rsp
    swapgs
    sysretq
badsys:
    movq $-38, 32(%rsp)
    jmp ret_from_sys_call
sysret_signal:
    sti
    mov %gs:old_rsp, %r11
    mov %r11, 104(%rsp)
    movq $0x2b, 112(%rsp)
    movq $0x33, 88(%rsp)
    mov (%rsp), %r11
    mov %r11, 96(%rsp)
    lea -48(%rsp), %rsp
    mov %rsp, %rdi
    call do_notify_resume
    add $48, %rsp
    jmp retint_swapgs
tracesys:
    mov %rsp, %rdi
    call syscall_trace_enter
    mov 8(%rsp), %r10
    mov 32(%rsp), %rax
    cmp $LAST, %rax
    ja retint_swapgs
    mov %r10, %rcx
    call *sys_call_table(, %rax, 8)
    mov %rax, 32(%rsp)
    jmp retint_swapgs
__entry_text_end:
.text
retint_swapgs:
    swapgs
    mov 32(%rsp), %rax
    add $80, %rsp
    iretq
.globl do_notify_resume, syscall_trace_enter
do_notify_resume:
syscall_trace_enter:
    ret

.section .percpu, "aw"
.globl old_rsp, kernel_stack, init_tss, current_task
old_rsp: .quad 0
kernel_stack: .quad init_thread_union + STACK - 40
current_task: .quad init_task
.balign 64
init_tss: .long 0
    .quad init_thread_union + STACK
    .fill 0x5c, 1, 0
