"""Which system calls are left to a process that decodes a stranger's picture: those that move bytes it already has.

None that opens or names a file, starts a program or a process, reaches a network, another process or the kernel's rarer
parts. So whoever takes over a decoder holds this one picture and no way out. Built here, in the worker, and handed to each
child ready made: loading the library there would cost each picture more than the filter does.
"""

import errno
import sys
from functools import cache

from seccompy import Action, ArgCmp, CmpOp, Filter, SeccompError, UnsupportedError, supported

LEFT = (
    "read", "write", "readv", "writev", "close", "lseek", "fstat",  # pipes it was given; no way to get another one
    "brk", "mmap", "munmap", "mremap", "mprotect", "madvise",
    "futex", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity", "membarrier", "gettid", "getpid",
    "clock_gettime", "clock_getres", "gettimeofday", "nanosleep", "clock_nanosleep",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall",
    "getrandom", "exit", "exit_group",
)  # fmt: skip

CLONE_THREAD = 0x10000  # linux/sched.h


@cache
def program() -> bytes:
    """The filter as the kernel takes it (struct sock_filter, one after the other); empty where there is no such thing.

    Everything else fails with EPERM instead of killing, so that a library that only asks goes on without an answer.
    """
    if not available():
        return b""
    made = Filter(default=Action.ERRNO | errno.EPERM)
    for name in LEFT:
        made.allow(name)
    # The HEVC decoder starts a thread whatever it is told. The C library asks for one by `clone3` first, whose wishes a
    # filter cannot see, and takes `clone` where there is none.
    made.allow("clone", args=[ArgCmp(0, CmpOp.MASKED_EQ, CLONE_THREAD, mask=CLONE_THREAD)])
    made.errno("clone3", errno.ENOSYS)
    return made.program


def available() -> bool:
    """Whether this system can hold a process to a list of calls: Linux on x86-64 or ARM64, in a container too."""
    try:
        return sys.platform == "linux" and supported()
    except (SeccompError, UnsupportedError):
        return False
