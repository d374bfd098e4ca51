"""A program under test: its lines as they come, each awaited with a bound. Knows nothing of what it does."""

import os
import selectors
import subprocess
import sys
import time
from pathlib import Path

_EXAMPLES = Path(os.environ.get("AUTOBUS_BUILD", "build/debug")) / "examples"
# On loopback and a port of our own, so that the machine's network neither hears of it nor has a say.
_ALONE = {"AUTOBUS_INTERFACES": "lo", "AUTOBUS_PORT": str(20000 + os.getpid() % 20000)}
PATIENCE = 15.0


class Program:
    """A running example."""

    def __init__(self, name, *arguments):
        self.name = name
        self.heard = []
        self._rest = b""
        self._process = subprocess.Popen([_EXAMPLES / name, *arguments], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
                                         env={**os.environ, **_ALONE})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()

    def says(self, words):
        """The next line with these words in it; those before it are passed over."""
        deadline = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while True:
                while b"\n" in self._rest:
                    line, _, self._rest = self._rest.partition(b"\n")
                    self.heard.append(line.decode())
                    if words in self.heard[-1]:
                        return self.heard[-1]
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    self._fail(f"did not say {words!r} within {PATIENCE:g} s")
                piece = os.read(self._process.stdout.fileno(), 4096)
                if not piece:
                    self._fail(f"ended before it said {words!r}")
                self._rest += piece

    def type(self, text):
        self._process.stdin.write(text.encode())

    def close_input(self):
        self._process.stdin.close()

    def ends(self, code=0):
        """It ends by itself, with this exit code."""
        try:
            ended = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._fail(f"did not end within {PATIENCE:g} s")
        if ended != code:
            self._fail(f"ended with {ended}, not {code}")

    def _fail(self, sentence):
        raise AssertionError(f"{self.name} {sentence}; it said {self.heard}")


def run(*tests):
    """Run functions whose names read as sentences, and tell how each went."""
    failed = False
    for test in tests:
        try:
            test()
            print(f"ok {test.__name__}")
        except (AssertionError, OSError) as problem:
            print(f"not ok {test.__name__}: {problem}")
            failed = True
    sys.exit(failed)
