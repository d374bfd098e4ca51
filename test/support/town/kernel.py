"""The few system calls that Python 3.11 does not offer: namespaces, mounts, the parent-death signal.

Knows numbers and errno. Does not know what a host or a town is.
"""

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
_libc.prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong]


def _checked(result, what):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def unshare(flags):
    """Give the calling process new namespaces of the kinds in flags."""
    _checked(_libc.unshare(flags), "unshare")


def setns(fd, kind=0):
    """Move the calling process into the namespace that fd refers to."""
    _checked(_libc.setns(fd, kind), "setns")


def mount(source, target, kind, flags=0, data=""):
    _checked(_libc.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode()),
             f"mount {target}")


def sethostname(name):
    raw = name.encode()
    _checked(_libc.sethostname(raw, len(raw)), "sethostname")


def die_with_parent(signal_number):
    """Have the kernel send signal_number to this process when its parent ends, however that happens."""
    _checked(_libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl")
