// SPDX-License-Identifier: GPL-2.0-or-later
/* number, handler; the call's own name where that differs */
__SYSCALL(0, sys_restart_syscall)
__SYSCALL(1, sys_exit)
__SYSCALL(2, sys_fork)
__SYSCALL(3, sys_read)
__SYSCALL(4, sys_write)
__SYSCALL(5, compat_sys_open)	/* open */
__SYSCALL(6, sys_close)
__SYSCALL(7, sys_waitpid)
__SYSCALL(8, sys_creat)
__SYSCALL(9, sys_link)
__SYSCALL(10, sys_unlink)
__SYSCALL(11, compat_sys_execve)	/* execve */
__SYSCALL(12, sys_chdir)
__SYSCALL(13, sys_time32)	/* time */
__SYSCALL(14, sys_mknod)
__SYSCALL(15, sys_chmod)
__SYSCALL(16, sys_lchown16)	/* lchown */
__SYSCALL(17, sys_ni_syscall)	/* break */
__SYSCALL(18, sys_stat)	/* oldstat */
__SYSCALL(19, compat_sys_lseek)	/* lseek */
__SYSCALL(20, sys_getpid)
__SYSCALL(21, sys_mount)
__SYSCALL(22, sys_oldumount)	/* umount */
__SYSCALL(23, sys_setuid16)	/* setuid */
__SYSCALL(24, sys_getuid16)	/* getuid */
__SYSCALL(25, sys_stime32)	/* stime */
__SYSCALL(26, compat_sys_ptrace)	/* ptrace */
__SYSCALL(27, sys_alarm)
__SYSCALL(28, sys_fstat)	/* oldfstat */
__SYSCALL(29, sys_pause)
__SYSCALL(30, sys_utime32)	/* utime */
__SYSCALL(31, sys_ni_syscall)	/* stty */
__SYSCALL(32, sys_ni_syscall)	/* gtty */
__SYSCALL(33, sys_access)
__SYSCALL(34, sys_nice)
__SYSCALL(35, sys_ni_syscall)	/* ftime */
__SYSCALL(36, sys_sync)
__SYSCALL(37, sys_kill)
__SYSCALL(38, sys_rename)
__SYSCALL(39, sys_mkdir)
__SYSCALL(40, sys_rmdir)
__SYSCALL(41, sys_dup)
__SYSCALL(42, sys_pipe)
__SYSCALL(43, compat_sys_times)	/* times */
__SYSCALL(44, sys_ni_syscall)	/* prof */
__SYSCALL(45, sys_brk)
__SYSCALL(46, sys_setgid16)	/* setgid */
__SYSCALL(47, sys_getgid16)	/* getgid */
__SYSCALL(48, sys_signal)
__SYSCALL(49, sys_geteuid16)	/* geteuid */
__SYSCALL(50, sys_getegid16)	/* getegid */
__SYSCALL(51, sys_acct)
__SYSCALL(52, sys_umount)	/* umount2 */
__SYSCALL(53, sys_ni_syscall)	/* lock */
__SYSCALL(54, compat_sys_ioctl)	/* ioctl */
__SYSCALL(55, compat_sys_fcntl64)	/* fcntl */
__SYSCALL(56, sys_ni_syscall)	/* mpx */
__SYSCALL(57, sys_setpgid)
__SYSCALL(58, sys_ni_syscall)	/* ulimit */
__SYSCALL(59, sys_olduname)	/* oldolduname */
__SYSCALL(60, sys_umask)
__SYSCALL(61, sys_chroot)
__SYSCALL(62, compat_sys_ustat)	/* ustat */
__SYSCALL(63, sys_dup2)
__SYSCALL(64, sys_getppid)
__SYSCALL(65, sys_getpgrp)
__SYSCALL(66, sys_setsid)
__SYSCALL(67, compat_sys_sigaction)	/* sigaction */
__SYSCALL(68, sys_sgetmask)
__SYSCALL(69, sys_ssetmask)
__SYSCALL(70, sys_setreuid16)	/* setreuid */
__SYSCALL(71, sys_setregid16)	/* setregid */
__SYSCALL(72, sys_sigsuspend)
__SYSCALL(73, compat_sys_sigpending)	/* sigpending */
__SYSCALL(74, sys_sethostname)
__SYSCALL(75, compat_sys_setrlimit)	/* setrlimit */
__SYSCALL(76, compat_sys_old_getrlimit)	/* getrlimit */
__SYSCALL(77, compat_sys_getrusage)	/* getrusage */
__SYSCALL(78, compat_sys_gettimeofday)	/* gettimeofday */
__SYSCALL(79, compat_sys_settimeofday)	/* settimeofday */
__SYSCALL(80, sys_getgroups16)	/* getgroups */
__SYSCALL(81, sys_setgroups16)	/* setgroups */
__SYSCALL(82, compat_sys_old_select)	/* select */
__SYSCALL(83, sys_symlink)
__SYSCALL(84, sys_lstat)	/* oldlstat */
__SYSCALL(85, sys_readlink)
__SYSCALL(86, sys_uselib)
__SYSCALL(87, sys_swapon)
__SYSCALL(88, sys_reboot)
__SYSCALL(89, compat_sys_old_readdir)	/* readdir */
__SYSCALL(90, compat_sys_ia32_mmap)	/* mmap */
__SYSCALL(91, sys_munmap)
__SYSCALL(92, compat_sys_truncate)	/* truncate */
__SYSCALL(93, compat_sys_ftruncate)	/* ftruncate */
__SYSCALL(94, sys_fchmod)
__SYSCALL(95, sys_fchown16)	/* fchown */
__SYSCALL(96, sys_getpriority)
__SYSCALL(97, sys_setpriority)
__SYSCALL(98, sys_ni_syscall)	/* profil */
__SYSCALL(99, compat_sys_statfs)	/* statfs */
__SYSCALL(100, compat_sys_fstatfs)	/* fstatfs */
__SYSCALL(101, sys_ioperm)
__SYSCALL(102, compat_sys_socketcall)	/* socketcall */
__SYSCALL(103, sys_syslog)
__SYSCALL(104, compat_sys_setitimer)	/* setitimer */
__SYSCALL(105, compat_sys_getitimer)	/* getitimer */
__SYSCALL(106, compat_sys_newstat)	/* stat */
__SYSCALL(107, compat_sys_newlstat)	/* lstat */
__SYSCALL(108, compat_sys_newfstat)	/* fstat */
__SYSCALL(109, sys_uname)	/* olduname */
__SYSCALL(110, sys_iopl)
__SYSCALL(111, sys_vhangup)
__SYSCALL(112, sys_ni_syscall)	/* idle */
__SYSCALL(113, sys_ni_syscall)	/* vm86old */
__SYSCALL(114, compat_sys_wait4)	/* wait4 */
__SYSCALL(115, sys_swapoff)
__SYSCALL(116, compat_sys_sysinfo)	/* sysinfo */
__SYSCALL(117, compat_sys_ipc)	/* ipc */
__SYSCALL(118, sys_fsync)
__SYSCALL(119, compat_sys_sigreturn)	/* sigreturn */
__SYSCALL(120, compat_sys_ia32_clone)	/* clone */
__SYSCALL(121, sys_setdomainname)
__SYSCALL(122, sys_newuname)	/* uname */
__SYSCALL(123, sys_modify_ldt)
__SYSCALL(124, sys_adjtimex_time32)	/* adjtimex */
__SYSCALL(125, sys_mprotect)
__SYSCALL(126, compat_sys_sigprocmask)	/* sigprocmask */
__SYSCALL(127, sys_ni_syscall)	/* create_module */
__SYSCALL(128, sys_init_module)
__SYSCALL(129, sys_delete_module)
__SYSCALL(130, sys_ni_syscall)	/* get_kernel_syms */
__SYSCALL(131, sys_quotactl)
__SYSCALL(132, sys_getpgid)
__SYSCALL(133, sys_fchdir)
__SYSCALL(134, sys_ni_syscall)	/* bdflush */
__SYSCALL(135, sys_sysfs)
__SYSCALL(136, sys_personality)
__SYSCALL(137, sys_ni_syscall)	/* afs_syscall */
__SYSCALL(138, sys_setfsuid16)	/* setfsuid */
__SYSCALL(139, sys_setfsgid16)	/* setfsgid */
__SYSCALL(140, sys_llseek)	/* _llseek */
__SYSCALL(141, compat_sys_getdents)	/* getdents */
__SYSCALL(142, compat_sys_select)	/* _newselect */
__SYSCALL(143, sys_flock)
__SYSCALL(144, sys_msync)
__SYSCALL(145, sys_readv)
__SYSCALL(146, sys_writev)
__SYSCALL(147, sys_getsid)
__SYSCALL(148, sys_fdatasync)
__SYSCALL(149, sys_ni_syscall)	/* _sysctl */
__SYSCALL(150, sys_mlock)
__SYSCALL(151, sys_munlock)
__SYSCALL(152, sys_mlockall)
__SYSCALL(153, sys_munlockall)
__SYSCALL(154, sys_sched_setparam)
__SYSCALL(155, sys_sched_getparam)
__SYSCALL(156, sys_sched_setscheduler)
__SYSCALL(157, sys_sched_getscheduler)
__SYSCALL(158, sys_sched_yield)
__SYSCALL(159, sys_sched_get_priority_max)
__SYSCALL(160, sys_sched_get_priority_min)
__SYSCALL(161, sys_sched_rr_get_interval_time32)	/* sched_rr_get_interval */
__SYSCALL(162, sys_nanosleep_time32)	/* nanosleep */
__SYSCALL(163, sys_mremap)
__SYSCALL(164, sys_setresuid16)	/* setresuid */
__SYSCALL(165, sys_getresuid16)	/* getresuid */
__SYSCALL(166, sys_ni_syscall)	/* vm86 */
__SYSCALL(167, sys_ni_syscall)	/* query_module */
__SYSCALL(168, sys_poll)
__SYSCALL(169, sys_ni_syscall)	/* nfsservctl */
__SYSCALL(170, sys_setresgid16)	/* setresgid */
__SYSCALL(171, sys_getresgid16)	/* getresgid */
__SYSCALL(172, sys_prctl)
__SYSCALL(173, compat_sys_rt_sigreturn)	/* rt_sigreturn */
__SYSCALL(174, compat_sys_rt_sigaction)	/* rt_sigaction */
__SYSCALL(175, compat_sys_rt_sigprocmask)	/* rt_sigprocmask */
__SYSCALL(176, compat_sys_rt_sigpending)	/* rt_sigpending */
__SYSCALL(177, compat_sys_rt_sigtimedwait_time32)	/* rt_sigtimedwait */
__SYSCALL(178, compat_sys_rt_sigqueueinfo)	/* rt_sigqueueinfo */
__SYSCALL(179, compat_sys_rt_sigsuspend)	/* rt_sigsuspend */
__SYSCALL(180, sys_ia32_pread64)	/* pread64 */
__SYSCALL(181, sys_ia32_pwrite64)	/* pwrite64 */
__SYSCALL(182, sys_chown16)	/* chown */
__SYSCALL(183, sys_getcwd)
__SYSCALL(184, sys_capget)
__SYSCALL(185, sys_capset)
__SYSCALL(186, compat_sys_sigaltstack)	/* sigaltstack */
__SYSCALL(187, compat_sys_sendfile)	/* sendfile */
__SYSCALL(188, sys_ni_syscall)	/* getpmsg */
__SYSCALL(189, sys_ni_syscall)	/* putpmsg */
__SYSCALL(190, sys_vfork)
__SYSCALL(191, compat_sys_getrlimit)	/* ugetrlimit */
__SYSCALL(192, sys_mmap_pgoff)	/* mmap2 */
__SYSCALL(193, sys_ia32_truncate64)	/* truncate64 */
__SYSCALL(194, sys_ia32_ftruncate64)	/* ftruncate64 */
__SYSCALL(195, compat_sys_ia32_stat64)	/* stat64 */
__SYSCALL(196, compat_sys_ia32_lstat64)	/* lstat64 */
__SYSCALL(197, compat_sys_ia32_fstat64)	/* fstat64 */
__SYSCALL(198, sys_lchown)	/* lchown32 */
__SYSCALL(199, sys_getuid)	/* getuid32 */
__SYSCALL(200, sys_getgid)	/* getgid32 */
__SYSCALL(201, sys_geteuid)	/* geteuid32 */
__SYSCALL(202, sys_getegid)	/* getegid32 */
__SYSCALL(203, sys_setreuid)	/* setreuid32 */
__SYSCALL(204, sys_setregid)	/* setregid32 */
__SYSCALL(205, sys_getgroups)	/* getgroups32 */
__SYSCALL(206, sys_setgroups)	/* setgroups32 */
__SYSCALL(207, sys_fchown)	/* fchown32 */
__SYSCALL(208, sys_setresuid)	/* setresuid32 */
__SYSCALL(209, sys_getresuid)	/* getresuid32 */
__SYSCALL(210, sys_setresgid)	/* setresgid32 */
__SYSCALL(211, sys_getresgid)	/* getresgid32 */
__SYSCALL(212, sys_chown)	/* chown32 */
__SYSCALL(213, sys_setuid)	/* setuid32 */
__SYSCALL(214, sys_setgid)	/* setgid32 */
__SYSCALL(215, sys_setfsuid)	/* setfsuid32 */
__SYSCALL(216, sys_setfsgid)	/* setfsgid32 */
__SYSCALL(217, sys_pivot_root)
__SYSCALL(218, sys_mincore)
__SYSCALL(219, sys_madvise)
__SYSCALL(220, sys_getdents64)
__SYSCALL(221, compat_sys_fcntl64)	/* fcntl64 */
__SYSCALL(224, sys_gettid)
__SYSCALL(225, sys_ia32_readahead)	/* readahead */
__SYSCALL(226, sys_setxattr)
__SYSCALL(227, sys_lsetxattr)
__SYSCALL(228, sys_fsetxattr)
__SYSCALL(229, sys_getxattr)
__SYSCALL(230, sys_lgetxattr)
__SYSCALL(231, sys_fgetxattr)
__SYSCALL(232, sys_listxattr)
__SYSCALL(233, sys_llistxattr)
__SYSCALL(234, sys_flistxattr)
__SYSCALL(235, sys_removexattr)
__SYSCALL(236, sys_lremovexattr)
__SYSCALL(237, sys_fremovexattr)
__SYSCALL(238, sys_tkill)
__SYSCALL(239, sys_sendfile64)
__SYSCALL(240, sys_futex_time32)	/* futex */
__SYSCALL(241, compat_sys_sched_setaffinity)	/* sched_setaffinity */
__SYSCALL(242, compat_sys_sched_getaffinity)	/* sched_getaffinity */
__SYSCALL(243, sys_set_thread_area)
__SYSCALL(244, sys_get_thread_area)
__SYSCALL(245, compat_sys_io_setup)	/* io_setup */
__SYSCALL(246, sys_io_destroy)
__SYSCALL(247, sys_io_getevents_time32)	/* io_getevents */
__SYSCALL(248, compat_sys_io_submit)	/* io_submit */
__SYSCALL(249, sys_io_cancel)
__SYSCALL(250, sys_ia32_fadvise64)	/* fadvise64 */
__SYSCALL(252, sys_exit_group)
__SYSCALL(253, sys_ni_syscall)	/* lookup_dcookie */
__SYSCALL(254, sys_epoll_create)
__SYSCALL(255, sys_epoll_ctl)
__SYSCALL(256, sys_epoll_wait)
__SYSCALL(257, sys_remap_file_pages)
__SYSCALL(258, sys_set_tid_address)
__SYSCALL(259, compat_sys_timer_create)	/* timer_create */
__SYSCALL(260, sys_timer_settime32)	/* timer_settime */
__SYSCALL(261, sys_timer_gettime32)	/* timer_gettime */
__SYSCALL(262, sys_timer_getoverrun)
__SYSCALL(263, sys_timer_delete)
__SYSCALL(264, sys_clock_settime32)	/* clock_settime */
__SYSCALL(265, sys_clock_gettime32)	/* clock_gettime */
__SYSCALL(266, sys_clock_getres_time32)	/* clock_getres */
__SYSCALL(267, sys_clock_nanosleep_time32)	/* clock_nanosleep */
__SYSCALL(268, compat_sys_statfs64)	/* statfs64 */
__SYSCALL(269, compat_sys_fstatfs64)	/* fstatfs64 */
__SYSCALL(270, sys_tgkill)
__SYSCALL(271, sys_utimes_time32)	/* utimes */
__SYSCALL(272, sys_ia32_fadvise64_64)	/* fadvise64_64 */
__SYSCALL(273, sys_ni_syscall)	/* vserver */
__SYSCALL(274, sys_mbind)
__SYSCALL(275, sys_get_mempolicy)
__SYSCALL(276, sys_set_mempolicy)
__SYSCALL(277, compat_sys_mq_open)	/* mq_open */
__SYSCALL(278, sys_mq_unlink)
__SYSCALL(279, sys_mq_timedsend_time32)	/* mq_timedsend */
__SYSCALL(280, sys_mq_timedreceive_time32)	/* mq_timedreceive */
__SYSCALL(281, compat_sys_mq_notify)	/* mq_notify */
__SYSCALL(282, compat_sys_mq_getsetattr)	/* mq_getsetattr */
__SYSCALL(283, compat_sys_kexec_load)	/* kexec_load */
__SYSCALL(284, compat_sys_waitid)	/* waitid */
__SYSCALL(286, sys_add_key)
__SYSCALL(287, sys_request_key)
__SYSCALL(288, compat_sys_keyctl)	/* keyctl */
__SYSCALL(289, sys_ioprio_set)
__SYSCALL(290, sys_ioprio_get)
__SYSCALL(291, sys_inotify_init)
__SYSCALL(292, sys_inotify_add_watch)
__SYSCALL(293, sys_inotify_rm_watch)
__SYSCALL(294, sys_migrate_pages)
__SYSCALL(295, compat_sys_openat)	/* openat */
__SYSCALL(296, sys_mkdirat)
__SYSCALL(297, sys_mknodat)
__SYSCALL(298, sys_fchownat)
__SYSCALL(299, sys_futimesat_time32)	/* futimesat */
__SYSCALL(300, compat_sys_ia32_fstatat64)	/* fstatat64 */
__SYSCALL(301, sys_unlinkat)
__SYSCALL(302, sys_renameat)
__SYSCALL(303, sys_linkat)
__SYSCALL(304, sys_symlinkat)
__SYSCALL(305, sys_readlinkat)
__SYSCALL(306, sys_fchmodat)
__SYSCALL(307, sys_faccessat)
__SYSCALL(308, compat_sys_pselect6_time32)	/* pselect6 */
__SYSCALL(309, compat_sys_ppoll_time32)	/* ppoll */
__SYSCALL(310, sys_unshare)
__SYSCALL(311, compat_sys_set_robust_list)	/* set_robust_list */
__SYSCALL(312, compat_sys_get_robust_list)	/* get_robust_list */
__SYSCALL(313, sys_splice)
__SYSCALL(314, sys_ia32_sync_file_range)	/* sync_file_range */
__SYSCALL(315, sys_tee)
__SYSCALL(316, sys_vmsplice)
__SYSCALL(317, sys_move_pages)
__SYSCALL(318, sys_getcpu)
__SYSCALL(319, sys_epoll_pwait)
__SYSCALL(320, sys_utimensat_time32)	/* utimensat */
__SYSCALL(321, compat_sys_signalfd)	/* signalfd */
__SYSCALL(322, sys_timerfd_create)
__SYSCALL(323, sys_eventfd)
__SYSCALL(324, sys_ia32_fallocate)	/* fallocate */
__SYSCALL(325, sys_timerfd_settime32)	/* timerfd_settime */
__SYSCALL(326, sys_timerfd_gettime32)	/* timerfd_gettime */
__SYSCALL(327, compat_sys_signalfd4)	/* signalfd4 */
__SYSCALL(328, sys_eventfd2)
__SYSCALL(329, sys_epoll_create1)
__SYSCALL(330, sys_dup3)
__SYSCALL(331, sys_pipe2)
__SYSCALL(332, sys_inotify_init1)
__SYSCALL(333, compat_sys_preadv)	/* preadv */
__SYSCALL(334, compat_sys_pwritev)	/* pwritev */
__SYSCALL(335, compat_sys_rt_tgsigqueueinfo)	/* rt_tgsigqueueinfo */
__SYSCALL(336, sys_perf_event_open)
__SYSCALL(337, compat_sys_recvmmsg_time32)	/* recvmmsg */
__SYSCALL(338, sys_fanotify_init)
__SYSCALL(339, compat_sys_fanotify_mark)	/* fanotify_mark */
__SYSCALL(340, sys_prlimit64)
__SYSCALL(341, sys_name_to_handle_at)
__SYSCALL(342, compat_sys_open_by_handle_at)	/* open_by_handle_at */
__SYSCALL(343, sys_clock_adjtime32)	/* clock_adjtime */
__SYSCALL(344, sys_syncfs)
__SYSCALL(345, compat_sys_sendmmsg)	/* sendmmsg */
__SYSCALL(346, sys_setns)
__SYSCALL(347, sys_process_vm_readv)
__SYSCALL(348, sys_process_vm_writev)
__SYSCALL(349, sys_kcmp)
__SYSCALL(350, sys_finit_module)
__SYSCALL(351, sys_sched_setattr)
__SYSCALL(352, sys_sched_getattr)
__SYSCALL(353, sys_renameat2)
__SYSCALL(354, sys_seccomp)
__SYSCALL(355, sys_getrandom)
__SYSCALL(356, sys_memfd_create)
__SYSCALL(357, sys_bpf)
__SYSCALL(358, compat_sys_execveat)	/* execveat */
__SYSCALL(359, sys_socket)
__SYSCALL(360, sys_socketpair)
__SYSCALL(361, sys_bind)
__SYSCALL(362, sys_connect)
__SYSCALL(363, sys_listen)
__SYSCALL(364, sys_accept4)
__SYSCALL(365, sys_getsockopt)
__SYSCALL(366, sys_setsockopt)
__SYSCALL(367, sys_getsockname)
__SYSCALL(368, sys_getpeername)
__SYSCALL(369, sys_sendto)
__SYSCALL(370, compat_sys_sendmsg)	/* sendmsg */
__SYSCALL(371, compat_sys_recvfrom)	/* recvfrom */
__SYSCALL(372, compat_sys_recvmsg)	/* recvmsg */
__SYSCALL(373, sys_shutdown)
__SYSCALL(374, sys_userfaultfd)
__SYSCALL(375, sys_membarrier)
__SYSCALL(376, sys_mlock2)
__SYSCALL(377, sys_copy_file_range)
__SYSCALL(378, compat_sys_preadv2)	/* preadv2 */
__SYSCALL(379, compat_sys_pwritev2)	/* pwritev2 */
__SYSCALL(380, sys_pkey_mprotect)
__SYSCALL(381, sys_pkey_alloc)
__SYSCALL(382, sys_pkey_free)
__SYSCALL(383, sys_statx)
__SYSCALL(384, sys_arch_prctl)
__SYSCALL(385, compat_sys_io_pgetevents)	/* io_pgetevents */
__SYSCALL(386, sys_rseq)
__SYSCALL(393, sys_semget)
__SYSCALL(394, compat_sys_semctl)	/* semctl */
__SYSCALL(395, sys_shmget)
__SYSCALL(396, compat_sys_shmctl)	/* shmctl */
__SYSCALL(397, compat_sys_shmat)	/* shmat */
__SYSCALL(398, sys_shmdt)
__SYSCALL(399, sys_msgget)
__SYSCALL(400, compat_sys_msgsnd)	/* msgsnd */
__SYSCALL(401, compat_sys_msgrcv)	/* msgrcv */
__SYSCALL(402, compat_sys_msgctl)	/* msgctl */
__SYSCALL(403, sys_clock_gettime)	/* clock_gettime64 */
__SYSCALL(404, sys_clock_settime)	/* clock_settime64 */
__SYSCALL(405, sys_clock_adjtime)	/* clock_adjtime64 */
__SYSCALL(406, sys_clock_getres)	/* clock_getres_time64 */
__SYSCALL(407, sys_clock_nanosleep)	/* clock_nanosleep_time64 */
__SYSCALL(408, sys_timer_gettime)	/* timer_gettime64 */
__SYSCALL(409, sys_timer_settime)	/* timer_settime64 */
__SYSCALL(410, sys_timerfd_gettime)	/* timerfd_gettime64 */
__SYSCALL(411, sys_timerfd_settime)	/* timerfd_settime64 */
__SYSCALL(412, sys_utimensat)	/* utimensat_time64 */
__SYSCALL(413, compat_sys_pselect6_time64)	/* pselect6_time64 */
__SYSCALL(414, compat_sys_ppoll_time64)	/* ppoll_time64 */
__SYSCALL(416, compat_sys_io_pgetevents_time64)	/* io_pgetevents_time64 */
__SYSCALL(417, compat_sys_recvmmsg_time64)	/* recvmmsg_time64 */
__SYSCALL(418, sys_mq_timedsend)	/* mq_timedsend_time64 */
__SYSCALL(419, sys_mq_timedreceive)	/* mq_timedreceive_time64 */
__SYSCALL(420, sys_semtimedop)	/* semtimedop_time64 */
__SYSCALL(421, compat_sys_rt_sigtimedwait_time64)	/* rt_sigtimedwait_time64 */
__SYSCALL(422, sys_futex)	/* futex_time64 */
__SYSCALL(423, sys_sched_rr_get_interval)	/* sched_rr_get_interval_time64 */
__SYSCALL(424, sys_pidfd_send_signal)
__SYSCALL(425, sys_io_uring_setup)
__SYSCALL(426, sys_io_uring_enter)
__SYSCALL(427, sys_io_uring_register)
__SYSCALL(428, sys_open_tree)
__SYSCALL(429, sys_move_mount)
__SYSCALL(430, sys_fsopen)
__SYSCALL(431, sys_fsconfig)
__SYSCALL(432, sys_fsmount)
__SYSCALL(433, sys_fspick)
__SYSCALL(434, sys_pidfd_open)
__SYSCALL(435, sys_clone3)
__SYSCALL(436, sys_close_range)
__SYSCALL(437, sys_openat2)
__SYSCALL(438, sys_pidfd_getfd)
__SYSCALL(439, sys_faccessat2)
__SYSCALL(440, sys_process_madvise)
__SYSCALL(441, compat_sys_epoll_pwait2)	/* epoll_pwait2 */
__SYSCALL(442, sys_mount_setattr)
__SYSCALL(443, sys_quotactl_fd)
__SYSCALL(444, sys_landlock_create_ruleset)
__SYSCALL(445, sys_landlock_add_rule)
__SYSCALL(446, sys_landlock_restrict_self)
__SYSCALL(447, sys_memfd_secret)
__SYSCALL(448, sys_process_mrelease)
__SYSCALL(449, sys_futex_waitv)
__SYSCALL(450, sys_set_mempolicy_home_node)
__SYSCALL(451, sys_cachestat)
__SYSCALL(452, sys_fchmodat2)
__SYSCALL(453, sys_map_shadow_stack)
__SYSCALL(454, sys_futex_wake)
__SYSCALL(455, sys_futex_wait)
__SYSCALL(456, sys_futex_requeue)
__SYSCALL(457, sys_statmount)
__SYSCALL(458, sys_listmount)
__SYSCALL(459, sys_lsm_get_self_attr)
__SYSCALL(460, sys_lsm_set_self_attr)
__SYSCALL(461, sys_lsm_list_modules)
__SYSCALL(462, sys_mseal)
__SYSCALL(463, sys_setxattrat)
__SYSCALL(464, sys_getxattrat)
__SYSCALL(465, sys_listxattrat)
__SYSCALL(466, sys_removexattrat)
__SYSCALL(467, sys_open_tree_attr)
__SYSCALL(468, sys_file_getattr)
__SYSCALL(469, sys_file_setattr)
__SYSCALL(470, sys_listns)
