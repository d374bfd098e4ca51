"""A shell on a terminal of its own: what the reader of a page has in front of them.

Commands reach the shell beside the terminal, so that what is on the screen is only what they print, and what is typed
is theirs alone.
"""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

_COLUMNS, _LINES = 120, 40
# Ctrl-C ends what runs, and not the shell: it traps that, and reads its commands as a script, in no loop.
_FIRST = "set -m; trap : INT; status=0; again() { return $status; }\n"
# $? is that of the command before; where the exit code is told is no open file of what runs.
_ORDER = "{{ again\n{command}\n}} {ends}>&-\nstatus=$?; echo $status >&{ends}\n"


class Terminal:
    """One command after the other; or one that goes on, and then the terminal is taken."""

    def __init__(self, host, env, folder):
        self.said = ""
        self.host = host
        self.is_taken = False
        self._screen, screen = pty.openpty()
        fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))
        orders, self._orders = os.pipe()
        self._ends, ends = os.pipe()
        self._told_at = ends
        with host.inside():
            subprocess.Popen(["bash", "--norc", f"/dev/fd/{orders}"], stdin=screen, stdout=screen, stderr=screen,
                             env=env, cwd=folder, pass_fds=(orders, ends), start_new_session=True,
                             preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        for fd in (screen, orders, ends):
            os.close(fd)
        os.write(self._orders, _FIRST.encode())

    def order(self, command):
        """Begins a command; what was said before belongs to the one before."""
        self.said = ""
        self.is_taken = True
        os.write(self._orders, _ORDER.format(command=command, ends=self._told_at).encode())

    def type(self, text):
        os.write(self._screen, text.encode())

    def read(self, seconds):
        """Takes in what comes within that time; the exit code, once the command has ended."""
        ready, _, _ = select.select([self._screen, self._ends], [], [], seconds)
        if self._screen in ready:
            self.said += self._seen()
        elif self._ends in ready:
            self.is_taken = False
            return int(os.read(self._ends, 16).split()[0])
        return None

    def _seen(self):
        try:
            return os.read(self._screen, 65536).decode(errors="replace")
        except OSError:
            raise AssertionError("the shell itself has ended") from None

    def until(self, condition, within):
        """Reads until the condition holds or the time is over; whether it holds."""
        deadline = time.monotonic() + within
        while not (holds := condition()) and (left := deadline - time.monotonic()) > 0:
            self.read(min(left, 0.1))
        return holds
