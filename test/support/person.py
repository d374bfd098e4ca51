"""Somebody who uses autobus-shell: lines for it on a pipe, keys for it on a terminal, and what is seen then."""

import os
import shutil
import tempfile
from contextlib import contextmanager

from stage import Skipped, hold

PROMPT = "autobus> "
CTRL_A, CTRL_C, CTRL_D, CTRL_U, CTRL_Z, UP = "\x01", "\x03", "\x04", "\x15", "\x1a", "\x1b[A"


def script(stage, *lines, words=(), **more):
    return stage.run("autobus-shell", *words, input="".join(f"{line}\n" for line in lines), **more)


def ends(done, code, output=""):
    hold(done.returncode == code and done.stdout == output, done)


@contextmanager
def folder():
    path = tempfile.mkdtemp(prefix="autobus-")
    try:
        yield path
    finally:
        shutil.rmtree(path)


class Person:
    """Somebody who types into a shell on a terminal."""

    def __init__(self, stage, *words, terminal=(80, 24), needs_libedit=True, at=None, **env):
        env = {"HOME": "/dev/null", "XDG_STATE_HOME": "", **env}  # where nothing can be kept
        self.shell = stage.start(at or "autobus-shell", *words, terminal=terminal, has_keys=True, env=env)
        self.at = 0
        self.sees("Ctrl-D ends it.")
        if needs_libedit and b"Tab completes" not in self.shell.heard:
            raise Skipped("this shell was built without libedit")
        self.sees(PROMPT)

    def types(self, text):
        self.shell.type(text)

    def sees(self, text):
        """From where it has looked to last."""
        self.shell.wait_for(text, since=self.at)
        self.at = self.shell.heard.index(text.encode(), self.at) + len(text.encode())

    def asks(self, line, *answers):
        """Types a line and sees these one after the other, then the prompt."""
        self.types(line + (b"\r" if isinstance(line, bytes) else "\r"))
        for answer in answers:
            self.sees(answer)
        self.sees(PROMPT)

    def completes(self, typed, into):
        """A Tab behind what is typed makes this of the line, which is taken away then."""
        self.types(typed + "\t")
        self.sees(into)
        self.types(CTRL_U)

    def lists(self, typed, *words):
        self.types(typed + "\t")
        for word in words:
            self.sees(word)
        self.sees(PROMPT)
        self.types(CTRL_U)

    def leaves(self, code=0):
        self.types(CTRL_D)
        hold(self.shell.end() == code, "it ended with", self.shell.process.returncode)
        return self.shell.rest()
