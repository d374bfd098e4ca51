"""Waits for output of many processes at once, in one thread (namespaces are a property of the thread).

Knows file descriptors, lines and deadlines. Does not know what the lines mean.
"""

import os
import selectors
import time

now = time.monotonic


class Reactor:
    """Calls back for every line that any of the watched pipes delivers."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()

    def watch(self, fd, on_line):
        """on_line(bytes) for every line; on_line(None) at the end, when fd has been closed."""
        os.set_blocking(fd, False)
        self._selector.register(fd, selectors.EVENT_READ, [b"", on_line])

    def pump(self, seconds):
        """Handle what is there, waiting up to `seconds` for the first of it."""
        for key, _ in self._selector.select(max(0.0, seconds)):
            self._drain(key.fd, key.data)

    def _drain(self, fd, state):
        try:
            piece = os.read(fd, 1 << 20)
        except BlockingIOError:
            return
        lines = (state[0] + piece).split(b"\n")
        state[0] = lines.pop()
        for line in lines:
            state[1](line)
        if not piece:
            self._selector.unregister(fd)
            os.close(fd)
            state[1](None)

    def until(self, condition, within):
        """Pump until condition() is true; its value, or what it was at the deadline."""
        deadline = now() + within
        while not (value := condition()):
            left = deadline - now()
            if left <= 0:
                return value
            self.pump(min(left, 0.2))
        return value

    def idle(self, seconds):
        """Pump for exactly that long: for stories in which nothing may happen."""
        deadline = now() + seconds
        while (left := deadline - now()) > 0:
            self.pump(left)
