"""Runs one function in namespaces of its own, so that nothing outlives it.

The function runs as process 1 of a new pid namespace, with a network, mounts and a host name of its own, as
root or (in a user namespace) as anybody. When it ends, is killed, or whoever asked for it dies, the kernel
ends everything it started and the namespaces with it: there is nothing to clean up and nothing to forget.
"""

import faulthandler
import os
import select
import signal
import sys
import time
import traceback

from . import kernel

PASSED, FAILED, SKIPPED = 0, 1, 77

_KINDS = (kernel.CLONE_NEWNET | kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS | kernel.CLONE_NEWIPC
          | kernel.CLONE_NEWPID)


class Unavailable(Exception):
    """This machine cannot do what the story needs; the story is skipped with this reason."""


def _become_root_of_a_user_namespace():
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(kernel.CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _unshare_everything():
    try:
        if os.geteuid() != 0:
            _become_root_of_a_user_namespace()
        kernel.unshare(_KINDS)
    except OSError as problem:
        try:
            _become_root_of_a_user_namespace()
            kernel.unshare(_KINDS)
        except OSError:
            raise Unavailable(f"no namespaces on this machine ({problem})") from None


def _furnish():
    """Private mounts, and a /proc that shows the new pid namespace where that is allowed."""
    try:
        kernel.mount("none", "/", "none", kernel.MS_REC | kernel.MS_PRIVATE)
    except OSError as problem:
        raise Unavailable(f"this is a chroot, which mount namespaces lead out of ({problem})") from None
    try:
        kernel.mount("proc", "/proc", "proc")
    except OSError:
        pass  # a container with a masked /proc refuses; only tools that look other pids up mind


def _innermost(function, report):
    """Process 1 of the sandbox."""
    kernel.die_with_parent(signal.SIGKILL)
    faulthandler.register(signal.SIGUSR1, file=sys.stderr)
    # A job in the background ignores interrupts, and so would every program of the story.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    status, reason = FAILED, "the story died"
    try:
        _furnish()
        function()
        status, reason = PASSED, ""
    except Unavailable as problem:
        status, reason = SKIPPED, str(problem)
    except AssertionError as problem:
        reason = str(problem) or traceback.format_exc()
    except BaseException:  # pylint: disable=broad-except
        reason = traceback.format_exc()
    os.write(report, f"{status}\n{reason}".encode()[:60000])
    os._exit(status)


def _warden(function, report, parent):
    """Owns the new namespaces and waits for their process 1."""
    kernel.die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(FAILED)
    try:
        _unshare_everything()
        kernel.die_with_parent(signal.SIGKILL)  # a change of credentials clears it
    except Unavailable as problem:
        os.write(report, f"{SKIPPED}\n{problem}".encode())
        os._exit(SKIPPED)
    pid = os.fork()
    if pid == 0:
        _innermost(function, report)
    os.waitpid(pid, 0)
    os._exit(0)


class Sandbox:
    """A function that runs, or ran, in a sandbox. `result()` waits for it: (status, reason, seconds)."""

    def __init__(self, function, bound, output=None):
        self.started = time.monotonic()
        self.bound = bound
        self._read, write = os.pipe()
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._read)
            if output is not None:
                os.dup2(output, 1)
                os.dup2(output, 2)
            _warden(function, write, parent)
        os.close(write)

    def fileno(self):
        """Readable when the story has ended."""
        return self._read

    @property
    def is_overdue(self):
        return time.monotonic() - self.started > self.bound

    def abandon(self):
        """Have a story that takes too long say where it hangs, then end it and all it started."""
        for child in _children(self.pid):
            os.kill(child, signal.SIGUSR1)
        select.select([], [], [], 0.3)
        os.kill(self.pid, signal.SIGKILL)

    def result(self):
        late = False
        while not select.select([self._read], [], [], 0.2)[0]:
            if self.is_overdue and not late:
                late = True
                self.abandon()
        told = b""
        while piece := os.read(self._read, 65536):
            told += piece
        os.close(self._read)
        os.waitpid(self.pid, 0)
        took = time.monotonic() - self.started
        if late:
            return FAILED, f"took more than {self.bound:.0f} s", took
        status, _, reason = told.decode(errors="replace").partition("\n")
        return (int(status), reason, took) if status else (FAILED, "the story was killed", took)


def _children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []
