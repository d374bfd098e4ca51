"""A program under the eyes of the story: its lines, its log, its death.

Knows pipes and signals. Does not know what the program is; actor.py and legacy.py do.
"""

import os
import signal
import subprocess

from .reactor import now


class Process:
    """A running program whose output lines are collected."""

    def __init__(self, town, label):
        self.town = town
        self.label = f"{label}#{town.next_number()}"
        self.lines = []
        self.has_ended_output = False
        self.log_path = f"/run/town/{self.label.replace('/', '-')}.log"
        self._popen = None

    def launch(self, argv, env):
        """Start it in the namespaces in force. Once."""
        with open(self.log_path, "wb") as log:
            self._popen = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           stderr=log, bufsize=0)
        self.town.processes.append(self)
        # The reactor owns and closes its descriptor; ours goes with the Popen.
        self.town.reactor.watch(os.dup(self._popen.stdout.fileno()), self._on_line)
        self._popen.stdout.close()

    def _on_line(self, line):
        if line is None:
            self.has_ended_output = True
        else:
            self.heard(line)

    def heard(self, line):
        """One line of its standard output. For subclasses."""
        self.lines.append(line)

    @property
    def pid(self):
        return self._popen.pid

    @property
    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def is_running(self):
        return self._popen.poll() is None

    def tell(self, line):
        """Write one line to its standard input."""
        self._popen.stdin.write(line.encode() + b"\n")

    def wait_for_line(self, text, within):
        found = self.town.reactor.until(
            lambda: any(text in line for line in self.lines) or not self.is_running(), within)
        if not any(text in line for line in self.lines):
            state = "ended" if found else "never"
            raise AssertionError(f"{self.label}: {state} before saying {text!r}; log: {self.log[-2000:]}")

    # Life and death. Each returns the time at which it was done, for bounds that begin there.

    def kill(self):
        """kill -9, and wait until it is dead."""
        at = self._signal(signal.SIGKILL)
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        return at

    def pause(self):
        """SIGSTOP, and wait until it stands."""
        at = self._signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        return at

    def resume(self):
        return self._signal(signal.SIGCONT)

    def terminate(self):
        return self._signal(signal.SIGTERM)

    def interrupt(self):
        return self._signal(signal.SIGINT)

    def _signal(self, number):
        at = now()
        self._popen.send_signal(number)
        return at

    def wait(self, within=10):
        """Its exit code; an error when it goes on for longer."""
        ended = self.town.reactor.until(lambda: not self.is_running() and self.has_ended_output, within)
        assert ended, f"{self.label} did not end within {within} s"
        return self._popen.returncode

    def close_input(self):
        self._popen.stdin.close()
